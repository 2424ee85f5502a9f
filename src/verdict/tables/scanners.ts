// Security scanners that say so. Most mail gateways do not: they borrow a browser's agent and are found by
// their network and their haste (networks.ts, overlay.ts).

import { PRESUMED, type Row } from './row.ts';

const WORDS = 'the words themselves';
const DD = 'device-detector';

export const SCANNERS: readonly Row[] = [
  // Gmail's own sampling of a mail's images, which no person sees.
  ['Gmail', /\bGmail-content-sampling\b/, 'public reports by senders of mail, 2021 to 2026'],
  // Mail gateways and their link checkers
  ['Barracuda', /\bBarracuda(?: |-|\/)?(?:Sentinel|Networks|Link|Web|Email|\d)|^Barracuda/i, DD],
  ['Proofpoint', /\bProofpoint\b|\bPPServer\/|\burldefense\b/i, PRESUMED],
  ['Mimecast', /\bMimecast\b/i, PRESUMED],
  ['Microsoft', /\bSafeLinks?(?:\/|Scanner|Bot)/i, PRESUMED],
  ['Microsoft', /\bMicrosoft(?:-| )?(?:URLAnalyzer|Defender|EOP)\b|\bDefenderBot\b/i, PRESUMED],
  ['Cisco', /\bIronPort\b|\bCisco(?:-| )?(?:ESA|Talos|Email|Umbrella)\b|\bTalosBot\b/i, PRESUMED],
  ['Trend Micro', /\bTrend ?Micro\b|\bTMAnalyze\b|\bTMhtload\b/i, 'crawler-user-agents'],
  ['Sophos', /\bSophos(?:Agent|UpdateManager|Labs|-| |\/)/i, 'uap-core'],
  ['Symantec', /\bSymantec\b|\bMessageLabs\b|\bBlue ?coat DRTR\b/i, 'isbot'],
  ['Kaspersky', /\bKaspersky\b|^KlHttpClient/i, DD],
  ['Avira', /\bAviraBot\b|\bAvira URL\b/i, PRESUMED],
  ['FireEye', /\bFireEye\b|\bTrellix\b/i, PRESUMED],
  ['Fortinet', /\bForti(?:Mail|Guard|Sandbox)\b/i, PRESUMED],
  ['Forcepoint', /\bForcepoint\b|\bWebsense\b/i, PRESUMED],
  ['Vade', /\bVade ?Secure\b|\bVadeBot\b/i, PRESUMED],
  ['Cloudmark', /\bCloudmark\b/i, PRESUMED],
  ['Zscaler', /\bZscaler(?:Bot|Scan|-)/i, PRESUMED],
  ['PhishLabs', /\bPhish(?:Labs|Bucket|Tank|Bot|Fort)\w{0,20}/i, DD],
  ['ClamAV', /^ClamAV\b/i, 'isbot'],
  ['Netcraft', /\bNetcraft\b/i, DD],
  ['VirusTotal', /\bvirustotal/i, DD],
  ['urlscan.io', /\burlscan\b|\bURLScanner\b/i, DD],
  ['Google Safety', /\bGoogle-Safety\b/i, 'https://developers.google.com/search/docs (crawlers)'],
  ['WebMoney Advisor', /\bWebMoney Advisor\b/i, DD],
  ['PaloAlto', /\bPalo ?Alto Networks\b|\bCortex[- ]?Xpanse\b|\bPanScanner\b/i, DD],
  // Vulnerability and internet-wide scanners
  ['Censys', /\bCensysInspect\b/i, 'https://docs.censys.com'],
  ['Shodan', /\bShodan\b/i, DD],
  ['Nmap', /\bNmap Scripting Engine\b/i, 'https://nmap.org/book/nse.html'],
  ['Nuclei', /\bNuclei\b|\bprojectdiscovery\b/i, 'isbot'],
  ['zgrab', /\bzgrab\b/i, DD],
  ['masscan', /\bmasscan\b/i, 'uap-core'],
  ['Nikto', /\bNikto\b/i, 'https://github.com/sullo/nikto'],
  ['sqlmap', /\bsqlmap\b/i, 'https://sqlmap.org'],
  ['WPScan', /\bWPScan\b/i, 'https://wpscan.com'],
  ['OpenVAS', /\bOpenVAS\b/i, 'uap-core'],
  ['Nessus', /\bNessus\b|\bTenable\b/i, DD],
  ['Qualys', /\bQualys\b|\bSSL ?Labs\b/i, DD],
  ['Acunetix', /\bAcunetix\b/i, 'its own documentation'],
  ['Arachni', /\bArachni\b/i, 'isbot'],
  ['Burp', /\bburpcollaborator\b|\bBurp ?Suite\b|\boastify\b/i, 'isbot'],
  ['Interactsh', /\bInteractsh\b/i, DD],
  ['Detectify', /\bDetectify\b/i, DD],
  ['Assetnote', /\bAssetnote\b/i, DD],
  ['LeakIX', /\bLeakIX\b|\bl9(?:explore|tcpid)\b/i, 'isbot'],
  ['Expanse', /^Expanse,? a Palo Alto\b|\bXpanse\b/i, 'isbot'],
  ['Odin', /\bgetodin\b|\bOdin;/i, DD],
  ['NetSystemsResearch', /\bNetSystemsResearch\b/i, DD],
  ['BitSight', /\bBitSight(?:Bot)?\b/i, DD],
  ['SecurityScorecard', /\bSecurityScorecard\b/i, PRESUMED],
  ['Gobuster', /\bgobuster\b|\bdirbuster\b|\bFuzz Faster U Fool\b|\bferoxbuster\b/i, DD],
  ['Foregenix', /\bForegenix\b/i, 'isbot'],
  ['Jorgee', /\bJorgee\b/i, 'isbot'],
  [
    'security scanner',
    /\b(?:security|vuln(?:erability)?)[ _-]?(?:scan(?:ner)?|check(?:er)?|bot)\b/i,
    WORDS,
  ],
  [
    'security scanner',
    /\b(?:malware|phishing|virus|threat)[ _-]?(?:scan(?:ner)?|check(?:er)?|bot)\b/i,
    WORDS,
  ],
  ['security scanner', /\w\.(?:ai|com|io)\/scan(?:ning)?\b/, DD],
  ['security scanner', /SecBot\b|[a-z-]Scanner\b/, WORDS],
];
