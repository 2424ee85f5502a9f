// What an agent looks like apart from names: a browser, an old phone, an app. Lists of bots take everything
// for a robot that they do not know; a shape is what speaks for a person.

import type { Shape } from './machine-words.ts';

type Rule = readonly [shape: Shape, pattern: RegExp];

/** Tried in this order: from the most telling to the least. */
const RULES: readonly Rule[] = [
  // Phones from before Android: `Nokia6280/2.0 (03.60) Profile/MIDP-2.0 Configuration/CLDC-1.1`.
  ['phone', /\b(?:Profile|Configuration)\/(?:MIDP|CLDC)|MIDP-?\d|\bUP\.(?:Browser|Link)\b/i],
  [
    'phone',
    /\bObigo|\bTeleca\b|\bUCWEB|\bJ2ME\b|\bMAUI\b|\bWAP[ -]?Browser\b|\bNetFront\/|\bOneBrowser\//i,
  ],
  // `Mozilla/5.0 (a platform) an engine …`, and its fragments.
  [
    'browser',
    /^.{0,60}\bMozilla ?\/ ?\d.{0,400}(?:Gecko|WebKit|KHTML|MSIE|Trident|Presto|Goanna|Servo)/i,
  ],
  ['browser', /\bAppleWebKit\/\d.{0,20}\(KHTML, ?like Gecko\)/i],
  [
    'browser',
    /^(?:Opera|Lynx|E?Links|w3m|NCSA_Mosaic|VMS_Mosaic|Dillo|NetSurf|IBrowse|Midori|Uzbl)[/ ]/i,
  ],
  [
    'browser',
    /^(?:Firefox|BonEcho|Amiga\w{0,8}|Amiga-AWeb|Voyager\d?|HotJava|Bunjalloo|iBrowser|ICE Browser)[/ -]/i,
  ],
  [
    'browser',
    /^Mozilla\/\d\.\d{1,2}\w{0,6} .{0,20}\((?:Windows|Win\d|Win9|Macintosh|Mac_|X11|Linux|SunOS)/,
  ],
  [
    'browser',
    /^Mozilla\/\d\.\d{1,2} \((?:PSP|PLAYSTATION|PlayStation|Nintendo|BeOS|OS\/2|Amiga|iPhone|DTV)/,
  ],
  [
    'browser',
    /^Mozilla\/\d\.\d{1,2} \(compatible; ?(?:U; )?(?:Konqueror|ABrowse|NetPositive|iCab|Amiga)/,
  ],
  [
    'browser',
    /^Mozilla\/\d\.\d{1,2} \(compatible; ?(?:OmniWeb|IBrowse|OSS|Polaris|Lotus|Opera|NCBrowser)/,
  ],
  ['browser', /^HbbTV\/|\bM?QQBrowser\/|\bSMART-?TV\b|\bNETTV\/\d|\bCrKey\/\d|\bRoku/i],
  // Programs that use their system's own library: `AppName/1 CFNetwork/808.3 Darwin/16.3.0`.
  [
    'app',
    /\bCFNetwork\/|\bDalvik\/\d|\bDarwin\/\d|\bwatchOS\b|\btvOS|\[FBAN\/|^Instagram \d|\bAppleTV\b/i,
  ],
  [
    'app',
    /\b(?:iPhone|iPad|iPod|iPadOS|macOS|Mac ?OS|Macintosh)\b|\biOS[/ :-]?\d|-iOS-|\bDarwin\b/i,
  ],
  [
    'app',
    /android|\bWindows ?(?:Phone|NT|XP|Mobile|CE|7|8|10|11)\b|\bwin(?:32|64|10)\b|\bApple ?TV\b/i,
  ],
  [
    'app',
    /\b(?:Tablet|Smartphone|Handset|Device model|SymbianOS|Series60|webOS|Tizen|KaiOS|Sonos)\b/i,
  ],
  ['app', /\b(?:QuickTime|AppleCoreMedia|PS\dApplication|PlayStation|GoogleEarth|GoogleApp)\b/i],
  ['app', /\b(?:AntennaPod|Pocket Casts)\b/i],
  [
    'app',
    /\(HTC\/|\b(?:HTC|Huawei|Motorola|Nokia|Xiaomi|OnePlus)[ _-]\w|\bSamsung[ _-](?:GT|SM|SGH|SCH)/i,
  ],
  // Phones that say little but their maker.
  [
    'phone',
    /^(?:Alcatel|Amoi|AUDIOVOX|BenQ|BlackBerry|DoCoMo|Ericsson|GIONEE|Haier|Huawei)[-_\w]{0,20}/i,
  ],
  [
    'phone',
    /^(?:KDDI|Kyocera|Lenovo|Micromax|Nexian|Nokia|Panasonic|PANTECH|Philips|SAGEM|SAMSUNG)/i,
  ],
  ['phone', /^(?:Sanyo|SoftBank|Sony|SonyEricsson|TELIT|Toshiba|Vodafone|WILLCOM|ZTE|Karbonn)\b/i],
  ['phone', /^(?:SonyEricsson|portalmmm|J-PHONE|Mitsu|Nintendo|ASUS-|Archos)/i],
  [
    'phone',
    /^(?:ACS|BIRD|CDM|HTC|LGE?|MOT|NEC|OPWV|Palm|QC|SEC|SGH|SHARP|SIE|TCL|TSM|VK|Spice)[-./][\w.+-]{1,20}/i,
  ],
];

export function shapeOf(agent: string): Shape {
  for (const [shape, pattern] of RULES) {
    if (pattern.test(agent)) return shape;
  }
  return 'other';
}
