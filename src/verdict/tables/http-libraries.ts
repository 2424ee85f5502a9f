// Programming libraries and command line tools that fetch addresses. Whoever hides behind one is no reader:
// people's programs name themselves.

import type { Row } from './row.ts';

const CUA = 'crawler-user-agents';
const DD = 'device-detector';
const UAP = 'uap-core';
const ISBOT = 'isbot';
const OWN = 'its own documentation';

export const HTTP_LIBRARIES: readonly Row[] = [
  // Command line
  ['curl', /^(?:lib)?curl\b|\bcurl\/\d|\blibcurl(?:-agent)?\/\d|^nscurl\//i, UAP],
  ['Wget', /^Wget2?\b|\bWget2?\/\d/i, UAP],
  ['HTTPie', /^HTTPie\/|\bxh\/\d/i, UAP],
  ['aria2', /^aria2\/|^Axel\b|^lftp\/|^rclone\//i, UAP],
  ['uclient-fetch', /^uclient-fetch|^Mikrotik\/|^fetch libfetch\b|^libfetch\b|^OpenBSD ftp\b/i, DD],
  ['PowerShell', /\b(?:Windows)?PowerShell\/\d/i, OWN],
  [
    'ApacheBench',
    /^ApacheBench\/|^Siege\/|^wrk\/|^hey\/\d|^vegeta\b|^k6\/|\bJMeter\b|^oha\/\d/i,
    ISBOT,
  ],
  // Python
  ['Python', /\bpython-(?:requests|urllib3?|httpx|httplib2|xmlrpc|http|opengraph)\b/i, UAP],
  ['Python', /^python(?:[-/ ]|$)|\bPython-urllib\d?\b|\bpycurl\b|\baiohttp\b|\bhttpcore\b/i, UAP],
  ['Python', /^Scrapy\b|\bScrapy\/\d|^HTTPX\b|\btrafilatura\b|\burlgrabber\b|\bPyAMF\b/i, UAP],
  ['Python', /^newspaper\/\d|\bboto3?\/|\bBotocore\/|^azsdk-python|\bgrequests\b|\btreq\b/i, ISBOT],
  // JVM
  ['Java', /^Java(?:[-/ ]?\d|-http-client|$)|^Mozilla\/\d\.\d Java\/|\bJNLP\/|\bJersey\/\d/i, UAP],
  [
    'Apache HttpClient',
    /\b(?:Apache|Jakarta|Commons)-?(?: Commons)?-?Http-?(?:Async)?Client\b/i,
    UAP,
  ],
  ['Apache HttpClient', /\bCommons-HttpClient\b|\bApache-CXF\b|\bHttpUrlConnection\b/i, UAP],
  ['okhttp', /\bokhttp(?:3)?\b(?![\w.]{0,8}\) Android)/i, UAP],
  ['Java', /\bGoogle-HTTP-Java-Client\b|\bReactorNetty\/|\bakka-http\/|\bpekko-http\//i, UAP],
  ['Java', /\bscalaj-http\b|\bunirest-java\b|\bVert\.x-WebClient\b|\bAHC\/\d|\bhttp-kit\b/i, UAP],
  [
    'Java',
    /\bgrpc-java|\bJava-EurekaClient\b|\bAsync-?Http-?Client\b|\bJetty\/|\bjsoup\b|\bktor-client\b/i,
    UAP,
  ],
  ['Java', /\bHtmlUnit\b|\bJaunt\/|\bclj-http\b|\bbabashka\b|\bspray-can\b|\bdispatch\/\d/i, DD],
  // JavaScript
  [
    'Node.js',
    /^node(?:[-./ ]|$)|\bnode-fetch\b|\bnode-superagent\b|\bnode\.js\b|^undici\b/i,
    ISBOT,
  ],
  [
    'Node.js',
    /^axios\b|\baxios\/\d|^got(?:\/| \(|$)|\belectron-fetch\b|^request\.js|\bsuperagent\b/i,
    UAP,
  ],
  [
    'Node.js',
    /^Deno\/\d|^Bun\/\d|^ky\/\d|\bjsdom\/\d|\bneedle\/\d|\bphin\/\d|\bgrpc-node|\bwretch\b/i,
    DD,
  ],
  // Go, Rust, C, C++, Swift, Dart
  [
    'Go',
    /\bGo-http-client\b|^Go \d[\d.]* package http|\bgo-resty\b|\bfasthttp\b|\bquic-go\b/i,
    UAP,
  ],
  ['Go', /\bgo-(?:cli|network|containerregistry|git)\b|\bminio-go\b|\bcolly\b|^req\/v\d/i, UAP],
  ['Go', /^(?:gentleman|gorequest|heimdall|S3Gof3r)\b|\bGo-CF-client\b|^goproxy\b/i, UAP],
  [
    'Rust',
    /^reqwest\b|\breqwest\/\d|^ureq\b|^hyper\/\d|^surf\/\d|\bisahc\/\d|^rusoto\b|^httprs\//i,
    UAP,
  ],
  [
    'C++',
    /\bcpprestsdk\b|\bcpp-httplib\b|^cpr\/\d|^Boost\.Beast\b|^libsoup\/|^neon\/\d|^gvfs\//i,
    DD,
  ],
  ['Swift', /^Alamofire\/|^swift-nio\b|^AsyncHTTPClient\b|^NIOHTTP/i, OWN],
  ['Dart', /\bDart\/\d[\d.]* \(dart:io\)|^Dart\/\d/i, DD],
  // PHP, Perl, Ruby, Lua, Erlang and others
  ['PHP', /^PHP(?:[-/ .\d]|$)|\bGuzzle(?:Http)?\b|\bHTTP_Request2?\b|\bPHP-SOAP\b|\bSnoopy v/i, DD],
  [
    'PHP',
    /\bZend_Http_Client\b|\bLaminas_Http|\bSymfony HttpClient\b|\bBuzz\/\d|\bPEAR HTTP/i,
    CUA,
  ],
  ['PHP', /\bCakePHP\b|^Slim Framework|\bPHPCrawl\b|\bSimplePie\b|\bMagpieRSS\b|^WP-HTTP\b/i, DD],
  [
    'Perl',
    /\blibwww-perl\b|\blwp-(?:trivial|request)\b|^LWP\b|\bWWW-Mechanize\b|\bHTTP-Tiny\b/i,
    UAP,
  ],
  ['Perl', /\bMojolicious\b|\bAnyEvent-HTTP\b|\bPerl(?:client)?\/|\bREST::Client\b|^lwp-/i, DD],
  ['Ruby', /^Ruby\b|\bFaraday v?\d|\bhttp\.rb\/|\brest-client\/|\bTyphoeus\b|\bMechanize\/\d/i, DD],
  ['Ruby', /\bHTTPClient\/\d|\bHTTParty\b|\bgrpc-ruby|\bexcon\/|\bZeus\b.{0,20}\bRuby\b/i, UAP],
  ['Lua', /\blua-resty-http\b|\bLuaSocket\b|\bngx_lua\b/i, UAP],
  ['Erlang', /\bhackney\/|^Mint\/\d|^Tesla\b.{0,20}\bElixir\b|^HTTPoison\b|^gun\/\d|^req\/\d/i, DD],
  [
    '.NET',
    /\bRestSharp\b|\bFlurl\b|^\.NET(?:[ /]|$)|\bHttpClient\/\d|\bMicrosoft\.Win32\b/i,
    ISBOT,
  ],
  ['WinHTTP', /\bWinHttp\b|\bWinInet\b|\bIndy Library\b|\bEmbarcadero URI Client\b/i, UAP],
  ['Haskell', /^haskell-|\bhttp-conduit\b|\bhttp-client\/haskell/i, OWN],
  ['R', /\bhttr2?\/|\br-curl\/|^R \(\d/i, DD],
  // Applications that programmers fetch with
  [
    'Postman',
    /\bPostmanRuntime\b|^Postman\b|^insomnia\/|^Apidog\/|^Paw\/|^bruno-runtime\b|^Thunder ?Client\b/i,
    UAP,
  ],
  ['AWS', /^aws-(?:cli|sdk|chalice)|^JetS3t\b|^ibm-cos-sdk|^S3 Browser|^s3fs\b/i, UAP],
  ['containers', /^(?:containerd?s?|cri-o|Buildah|buildkit|skopeo|Helm|docker)\/v?\d/i, DD],
  [
    'Microsoft',
    /\bMicrosoft[- ]CryptoAPI\b|\bMicrosoft BITS\b|\bWindows-Update-Agent\b|^azure-/i,
    UAP,
  ],
  [
    'package manager',
    /\bAPT-HTTP\b|^(?:libdnf|pip|npm|yarn|pnpm|Bundler|Cargo|composer|Maven|Gradle)\/\d/i,
    UAP,
  ],
  ['API client', /^IPinfoClient\/|^tcms-api\/|^kiwi-tcms\/|^Artifactory\/|^Cygwin-Setup\//i, DD],
  ['git', /^git\/\d|^JGit\/|^SVN\/|^subversion\b|^mercurial\b/i, ISBOT],
  ['Java', /\bhttp[_-]?client\b(?!s)|\bHTTP Client\b|\bhttplib\b/i, 'the words themselves'],
];
