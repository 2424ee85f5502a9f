// Which system and what kind of device an agent names. Only what it says: an iPad since 2019 says that it
// is a Mac.

import type { Device } from '../hit/verdict.ts';

export interface Platform {
  readonly os: string | null;
  readonly device: Device | null;
}

type Rule = readonly [pattern: RegExp, os: string | null, device: Device | null];

const TV =
  /\bSmart-?TV\b|\bHbbTV\b|\bGoogleTV\b|\bGoogle TV\b|\bAppleTV\b|\bBRAVIA\b|\bAFT[A-Z]{1,4}\b|\bCrKey\b/i;
const TABLET =
  /\biPad\b|\bTablet\b(?! PC)|\bKindle\b|\bKF[A-Z]{3,5}\b|\bPlayBook\b|\bSM-[TX]\d{3}|\bNexus (?:7|9|10)\b/;

/** The first that is found wins. Windows Phone claims Android and iPhone; Android claims Linux. */
const RULES: readonly Rule[] = [
  [/\bWindows Phone\b|\bIEMobile\b|\bWPDesktop\b/, 'Windows Phone', 'mobile'],
  [/\bXbox\b/i, 'Windows', 'console'],
  [/\bPlayStation\b|\bPLAYSTATION\b/, null, 'console'],
  [/\bNintendo\b/, null, 'console'],
  [/\bwatchOS\b|\bWatch\d,\d/, 'watchOS', 'watch'],
  [/\biPad\b|\biPadOS\b/, 'iPadOS', 'tablet'],
  [/\biPhone\b|\biPod\b|\biOS\b/, 'iOS', 'mobile'],
  [/\bTizen\b/, 'Tizen', 'mobile'],
  [/\bWeb0S\b|\bwebOS\b|\bhpwOS\b/i, 'webOS', null],
  [/\bOpenHarmony\b|\bHarmonyOS\b/, 'HarmonyOS', 'mobile'],
  [/\bAndroid\b/i, 'Android', 'mobile'],
  [/\bCrOS\b/, 'Chrome OS', 'desktop'],
  [/\bWindows\b|\bWin(?:32|64|98|95|NT)\b/, 'Windows', 'desktop'],
  [
    /\bMac(?:intosh| OS X|OS|_PowerPC)\b|\bDarwin\/\d.{0,40}\(?x86_64|\bmacOS\b/,
    'macOS',
    'desktop',
  ],
  [/\bKAIOS\b/i, 'KaiOS', 'mobile'],
  [/\bBlackBerry\b|\bBB10\b|\bPlayBook\b/, 'BlackBerry OS', 'mobile'],
  [/\bSymbian|\bSeries ?[46]0\b|\bS60\b/, 'Symbian', 'mobile'],
  [/\bMIDP\b|\bUP\.(?:Browser|Link)\b|\bCLDC\b|\bDoCoMo\b|\bKDDI\b|\bJ2ME\b/, null, 'mobile'],
  [/\b(?:Free|Open|Net)BSD\b/, 'BSD', 'desktop'],
  [/\bLinux\b|\bX11\b|\bUbuntu\b/, 'Linux', 'desktop'],
];

const DARWIN_APP = /\bCFNetwork\/|\bDarwin\/\d/;

export function platformOf(agent: string): Platform {
  for (const [pattern, os, device] of RULES) {
    if (pattern.test(agent)) return { os, device: refine(agent, os, device) };
  }
  // Without more, a program of Apple's may run on any of its systems.
  return DARWIN_APP.test(agent) ? { os: 'Apple', device: null } : { os: null, device: null };
}

function refine(agent: string, os: string | null, device: Device | null): Device | null {
  if (TV.test(agent)) return 'tv';
  if (os !== 'Android') return TABLET.test(agent) && os !== 'Windows' ? 'tablet' : device;
  // Android's browsers say `Mobile` on phones only; apps (Dalvik) never say it.
  const isBrowser = agent.startsWith('Mozilla/');
  const isPhone = !isBrowser || /\bMobile\b|\bOpera Mini\b/.test(agent);
  return isPhone && !TABLET.test(agent) ? 'mobile' : 'tablet';
}
