// What the first line and the host say, for whom: paths in other forms, versions, methods, and hosts of which
// there are two.

import { HIT, OUTER_REFERRER, refused, type Trick } from './trick.ts';

const GARDEN = 'The HTTP Garden, its list of bugs';
const T_REQS = 'T-Reqs (Jabiyev and others, 2021)';
const CHEN = 'Jianjun Chen and others, Host of Troubles (2016)';
const KETTLE_2022 = 'James Kettle, Browser-Powered Desync Attacks (2022)';

const REST = `Host: pixels.example\r\nReferer: ${OUTER_REFERRER}\r\n\r\n`;
const shown = (line: string): string => JSON.stringify(line).slice(1, -1);

const BAD: readonly [line: string, from: string, status?: number][] = [
  ['GET /track HTTP/1.1\n', 'CVE-2022-32214 in llhttp'],
  ['GET /track HTTP/1.1\r', 'CVE-2023-30589 in llhttp'],
  ['GET\t/track HTTP/1.1\r\n', T_REQS],
  ['GET /track\tHTTP/1.1\r\n', T_REQS],
  ['GET /track\nHTTP/1.1\r\n', GARDEN],
  [' GET /track HTTP/1.1\r\n', T_REQS],
  ['GET /track HTTP/1.1 \r\n', T_REQS],
  ['GET /track HTTP/1.1\x0b\r\n', T_REQS],
  ['GET /track HTTP/1.1 HTTP/1.1\r\n', T_REQS],
  ['GET /track HTTP/1.2\r\n', GARDEN],
  ['GET /track HTTP/1.32\r\n', GARDEN],
  ['GET /track HTTP/11\r\n', T_REQS],
  ['GET /track http/1.1\r\n', T_REQS],
  ['GET /track HTTPS/1.1\r\n', T_REQS],
  ['GET /track\r\n', 'HTTP/0.9; Emil Lerner, HTTP Request Smuggling via higher HTTP versions', 505],
  ['GET /track HTTP/0.9\r\n', GARDEN, 505],
  ['GET /track HTTP/2.0\r\n', 'HTTP Request Smuggler (PortSwigger)', 505],
  ['GET /track?a b HTTP/1.1\r\n', T_REQS],
  ['GET /track\0 HTTP/1.1\r\n', T_REQS],
  ['GET /track?\xff HTTP/1.1\r\n', 'CVE-2018-12116 in Node.js'],
  ['GET /v1/\u010d\u010a HTTP/1.1\r\n', 'CVE-2018-12116 in Node.js'],
  ['GET http:/track HTTP/1.1\r\n', CHEN],
  ['GET http:///track HTTP/1.1\r\n', CHEN],
  ['GET ftp://pixels.example/track HTTP/1.1\r\n', CHEN],
  ['GET @other.example/track HTTP/1.1\r\n', 'James Kettle, Cracking the Lens (2017)'],
  ['GET track HTTP/1.1\r\n', T_REQS],
  ['GET \\track HTTP/1.1\r\n', T_REQS],
  ['GET * HTTP/1.1\r\n', T_REQS],
  ['CONNECT pixels.example:443 HTTP/1.1\r\n', T_REQS, 405],
  ['CONNECT /track HTTP/1.1\r\n', T_REQS, 405],
  ['PRI * HTTP/2.0\r\n', 'RFC 9113 §3.4'],
  ['GPOST /track HTTP/1.1\r\n', 'James Kettle, HTTP Desync Attacks (2019)'],
  ['get /track HTTP/1.1\r\n', T_REQS],
  ['G=":<>(e),[T];?" /track HTTP/1.1\r\n', GARDEN],
];

/** Images, whoever asks. */
const HITS: readonly [line: string, from: string][] = [
  ['\r\nGET /track HTTP/1.1\r\n', 'RFC 9112 §2.2'],
  ['\r\n\r\n\r\nGET /track HTTP/1.1\r\n', T_REQS],
  ['GET  /track HTTP/1.1\r\n', T_REQS],
  ['GET http://pixels.example/track HTTP/1.1\r\n', CHEN],
  ['GET http://other.example/track HTTP/1.1\r\n', CHEN],
  ['GET HTTPS://other.example@pixels.example:80/track?x HTTP/1.1\r\n', CHEN],
];

/** No images, however much they look like one: the store gets them as they are. */
const PASSED: readonly [target: string, from: string][] = [
  ['//other.example/track', KETTLE_2022],
  ['/../track', T_REQS],
  ['/v1/../track', T_REQS],
  ['/%74rack', T_REQS],
  ['/track/', T_REQS],
  ['/track#x', 'HTTP Request Smuggler (PortSwigger)'],
  ['/track;x', T_REQS],
  ['/v1/a%0d%0aX:%20y', 'James Kettle, HTTP/2: The Sequel is Always Worse (2021)'],
  ['/v1/a%20HTTP/1.1%0d%0aHost:%20x', 'James Kettle, HTTP/2: The Sequel is Always Worse (2021)'],
];

const BAD_HOSTS: readonly [hosts: string, from: string][] = [
  ['', 'RFC 9112 §3.2'],
  ['Host: a\r\nHost: b\r\n', CHEN],
  ['host: a\r\nHOST: a\r\n', CHEN],
  ['Host: a\r\n b\r\n', CHEN],
  [' Host: a\r\n', CHEN],
  ['Host : a\r\n', CHEN],
  ['X: y\nHost: a\r\n', CHEN],
  ['Host: a\0b\r\n', CHEN],
  ['Host: a\x0bb\r\n', CHEN],
];

export const REQUEST_LINES: readonly Trick[] = [
  ...BAD.map(([line, from, status]) => refused(shown(line), from, line + REST + HIT, status)),
  ...HITS.map(([line, from]): Trick => {
    const hits = [OUTER_REFERRER];
    return { name: shown(line), from, sent: line + REST, replies: [200], goesOn: true, hits };
  }),
  ...PASSED.map(([target, from]): Trick => {
    const sent = `GET ${target} HTTP/1.1\r\n${REST}`;
    const passed = [`GET ${target} `];
    return { name: `GET ${target}`, from, sent, replies: [200], goesOn: true, passed };
  }),
  ...BAD_HOSTS.flatMap(([hosts, from]) => [
    refused(
      `an image with the hosts “${shown(hosts)}”`,
      from,
      `GET /track HTTP/1.1\r\n${hosts}Referer: ${OUTER_REFERRER}\r\n\r\n${HIT}`,
    ),
    refused(
      `a request to the store with the hosts “${shown(hosts)}”`,
      from,
      `GET /v1/outer HTTP/1.1\r\n${hosts}\r\n${HIT}`,
    ),
  ]),
  {
    name: 'an absolute path to the store loses its authority',
    from: CHEN,
    sent: `GET http://other.example/v1/outer HTTP/1.1\r\n${REST}`,
    replies: [200],
    goesOn: true,
    passed: ['GET /v1/outer '],
  },
  {
    name: 'HTTP/1.0 ends the connection with its reply',
    from: 'RFC 9112 §9.3',
    sent: `GET /track HTTP/1.0\r\n${REST}${HIT}`,
    replies: [200],
    goesOn: false,
    hits: [OUTER_REFERRER],
  },
];
