// Requests that change what happens between head and body, or behind the reply: expectations, upgrades,
// pauses, answers that come too early, and connections that are said to end.

import {
  API,
  HIT,
  hit,
  image,
  lengthOf,
  OUTER_REFERRER,
  post,
  read,
  refused,
  type Trick,
} from './trick.ts';

const KETTLE_2022 = 'James Kettle, Browser-Powered Desync Attacks (2022)';
const KETTLE_2025 = 'James Kettle, HTTP/1.1 Must Die (2025)';
const EARHART = 'Jake Miller (Bishop Fox), h2c Smuggling (2020)';
const GARDEN = 'The HTTP Garden, its list of bugs';

const EXPECTATIONS = [
  'Expect: 100-continue',
  'Expect: 100-Continue',
  'Expect:\t100-continue',
  'Expect: x 100-continue',
  'Expect: 100-continue, x',
  'Expect: 100-continue;q=1',
  'Expect: "100-continue"',
  'Expect: 100-continue\r\nExpect: 100-continue',
];
const UPGRADES: readonly [lines: string, from: string][] = [
  ['Connection: upgrade\r\nUpgrade: websocket', 'Mikhail Egorov, WebSocket smuggling (2019)'],
  [
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
    EARHART,
  ],
  ['Upgrade: h2c', EARHART],
  ['Connection: keep-alive, Upgrade\r\nUpgrade: TLS/1.0', 'RFC 2817'],
];
const CLOSING = [
  'Connection: close',
  'Connection: Close',
  'Connection: keep-alive, close',
  'Connection: close\r\nConnection: keep-alive',
  'Connection: ,close,',
  'Proxy-Connection: close',
];
const NOT_CLOSING = [
  'Connection: x-close',
  'Connection: "close"',
  'Keep-Alive: timeout=0',
  'Connection: te',
];

/** The store answers it before its body is there (fuzz/telling-store.ts). */
const HASTY = 'POST /v1/hasty HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CHUNKED_HIT = `${HIT.length.toString(16)}\r\n${HIT}\r\n0\r\n\r\n`;
const shown = (lines: string): string => JSON.stringify(lines).slice(1, -1);

export const DETOURS: readonly Trick[] = [
  ...EXPECTATIONS.flatMap((line): Trick[] => [
    interim(
      read(
        `${shown(line)} to the store`,
        KETTLE_2025,
        post(`${line}\r\n${lengthOf(API)}`, API),
        API,
      ),
    ),
    interim(hit(`${shown(line)} for an image`, KETTLE_2025, image(`${line}\r\n`))),
    interim(
      hit(
        `${shown(line)}, an image and a body`,
        KETTLE_2025,
        image(`${line}\r\n${lengthOf(HIT)}`, HIT),
      ),
    ),
  ]),
  interim(
    read(
      'the body comes when it is asked for',
      KETTLE_2025,
      [post(`Expect: 100-continue\r\n${lengthOf(API)}`, ''), API],
      API,
    ),
  ),
  refused('Expect with a blank before its colon', KETTLE_2025, image('Expect : 100-continue\r\n')),
  refused('Expect that is folded', KETTLE_2025, image('Expect: \r\n 100-continue\r\n')),
  ...UPGRADES.flatMap(([lines, from]): Trick[] => [
    hit(`${shown(lines)} for an image`, from, image(`${lines}\r\n`)),
    hit(`${shown(lines)}, an image and a body`, from, image(`${lines}\r\n${lengthOf(HIT)}`, HIT)),
    read(`${shown(lines)} to the store`, from, post(`${lines}\r\n${lengthOf(API)}`, API), API),
    read(
      `${shown(lines)}, chunks`,
      from,
      post(`${lines}\r\n${CHUNKED}`, '5\r\nhello\r\n0\r\n\r\n'),
      'hello',
    ),
  ]),
  ...CLOSING.map((lines): Trick => {
    const sent = image(`${lines}\r\n`) + HIT;
    const hits = [OUTER_REFERRER];
    return {
      name: `behind ${shown(lines)}`,
      from: GARDEN,
      sent,
      replies: [200],
      goesOn: false,
      hits,
    };
  }),
  ...NOT_CLOSING.map((lines) => hit(`${shown(lines)} ends nothing`, GARDEN, image(`${lines}\r\n`))),
  // Pause-based: the reply is there before the body.
  hit('an image, a pause, its body', KETTLE_2022, [image(lengthOf(HIT)), HIT]),
  hit('an image, a pause, its chunks', KETTLE_2022, [image(CHUNKED), CHUNKED_HIT]),
  hit('an image, its body in two halves', KETTLE_2022, [
    image(lengthOf(HIT), HIT.slice(0, 9)),
    HIT.slice(9),
  ]),
  read('the store’s body behind a pause', KETTLE_2022, [post(lengthOf(API), ''), API], API),
  // 0.CL: the store answers without reading, and closes; the next request must not land in the hole.
  {
    name: 'an answer before the body, and the body all the same',
    from: KETTLE_2025,
    sent: [`${HASTY}some`, `${'x'.repeat(99_995)}${API}`],
    replies: [413],
    goesOn: false,
  },
  {
    name: 'a body that never comes is not made up from what follows',
    from: KETTLE_2025,
    sent: post('Content-Length: 9999\r\n', API),
    replies: [400],
    goesOn: false,
  },
];

function interim(trick: Trick): Trick {
  return { ...trick, replies: [100, ...trick.replies] };
}
