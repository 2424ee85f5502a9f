// Names of phones, tablets and apps that contain a robot's word: CUBOT makes phones, CamScanner scans paper.
// They are taken out of an agent before anybody looks for robots in it.

/** A device's model stands before ` Build/`, after the last `;`; it may be called anything at all. */
const MODEL_WITH_BUILD = /; ?(?!compatible)[^;]{1,60}?(?= Build\/)/g;
/** The build may carry the maker's name once more. */
const BUILD_BY_CUBOT = /\bBuild\/\w{0,20}CUBOT\w{0,20}/g;
/** Without ` Build/`, the model ends the platform: `(Linux; Android 13; Spider 8)`. */
const MODEL_AT_END =
  /(?<=\bAndroid [\d.]{1,8}; (?:[a-z]{2}-\w\w; )?)(?:CUBOT|X-?Bot|[A-Z]{1,2} ?Bot|Spider|ECHO)[^;()]{0,40}/gi;
/** Words of scanning and finding that makers liked for a model's name. */
const MODEL_FINDS =
  /(?<=\bAndroid [\d.]{1,8}; (?:[a-z]{2}-\w\w; )?)[^;()]{0,20}(?:Discovery|Capture|Virtuoso)[^;()]{0,20}/gi;

const NAMES: readonly RegExp[] = [
  /\bCUBOT(?:[ _-]\w{1,20}){0,4}/gi,
  /\bX-?Bot[ _](?:Senior|Junior|View)\w{0,10}/gi,
  /\bID ?bot ?\d\w{0,4}\+?/gi,
  /\bC Bot Tab \d+/gi,
  /\bM bot \d+/gi,
  /\bCamScanner\b/gi,
  /\bCaboto\b/gi,
  /\bSpider \d+(?=\))/g,
  /\bDoggCatcher\b/g,
  /\b(?:Roblox|Talkbot App|Robot Unicorn)\b/g,
  /\b(?:OMI\/[\d.]{1,20})\.Catcher[\d.]{1,12}/g,
  // Search apps of engines whose crawlers have other names.
  /\bSogouM(?:SE|obileBrowser)\b[^ ]{0,20}|\bSogouSearch\b/g,
  /\bQQDownload \d+/g,
];

/** `agent` without the names of things that only sound like robots. */
export function withoutFalseFriends(agent: string): string {
  let rest = agent.replaceAll(MODEL_WITH_BUILD, '; x').replaceAll(BUILD_BY_CUBOT, 'Build/x');
  rest = rest.replaceAll(MODEL_AT_END, 'x').replaceAll(MODEL_FINDS, 'x');
  for (const name of NAMES) rest = rest.replaceAll(name, 'x');
  return rest;
}
