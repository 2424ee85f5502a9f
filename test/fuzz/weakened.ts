// Readers that are each wrong in one way, as ours could become by a careless change: blind to a header,
// lenient about a byte. They prove that the campaign is not blind itself: it must find out every one of
// them.

import { NOT_OURS, readHead } from '../../src/collector/head.ts';
import type { HeadReader } from './comparing.ts';

/** The collector's reader, after `blind` has hidden from it what it should have seen. Lengths stay. */
function blinded(blind: (head: string) => string): HeadReader {
  return (bytes, from, into) => {
    const text = bytes.toString('latin1');
    const seen = text.slice(0, from) + blind(text.slice(from));
    return readHead(Buffer.from(seen, 'latin1'), from, into);
  };
}

function renamed(name: string): HeadReader {
  const line = new RegExp(`(\\r\\n)${name[0]}(?=${name.slice(1)}:)`, 'gi');
  return blinded((head) => head.replaceAll(line, '$1~'));
}

/** Only the first line of that name is seen. */
function onceOnly(name: string): HeadReader {
  const line = new RegExp(`(\\r\\n${name}:[^]*?\\r\\n)${name[0]}(?=${name.slice(1)}:)`, 'i');
  return blinded((head) => head.replace(line, '$1~'));
}

function replaced(what: RegExp, by: string): HeadReader {
  return blinded((head) => head.replaceAll(what, by));
}

export const WEAKENED: Readonly<Record<string, HeadReader>> = {
  'is blind to Content-Length': renamed('content-length'),
  'is blind to Transfer-Encoding': renamed('transfer-encoding'),
  'is blind to Expect': renamed('expect'),
  'is blind to Proxy-Connection': renamed('proxy-connection'),
  'takes the first of two hosts': onceOnly('host'),
  'takes the first of two cookie lines': onceOnly('cookie'),
  'takes the first of two X-Forwarded-For lines': onceOnly('x-forwarded-for'),
  'takes any word for the connection as keep-alive': replaced(
    /(?<=\r\nconnection: )te, close/gi,
    'keep-alive',
  ),
  'takes whatever is as long as keep-alive for it': replaced(
    /(?<=\r\nconnection: )(?:close, abc|abc, close|,close,,,,)/gi,
    'keep-alive',
  ),
  'takes a bare LF for a blank': replaced(/(?<!\r)\n/g, ' '),
  'takes a bare CR for a blank': replaced(/\r(?!\n)/g, ' '),
  'takes NUL for a blank': replaced(/\0/g, ' '),
  'takes VT and FF for blanks': replaced(/[\v\f]/g, ' '),
  'joins folded lines': replaced(/\r\n(?=[ \t])/g, '  '),
  'allows a blank before the colon': replaced(/(?<=\r\n[\w-]+)[ \t](?=:)/g, '-'),
  'allows a line without a colon': replaced(/(?<=\r\n)NoColon(?=\r)/g, 'a:bbbbb'),
  'allows a header without a name': replaced(/(?<=\r\n): /g, 'a:'),
  'takes HTTP/1.0 for HTTP/1.1': replaced(/HTTP\/1\.0/g, 'HTTP/1.1'),
  'takes every version for HTTP/1.1': replaced(/HTTP\/[02-9]\.[0-9]/g, 'HTTP/1.1'),
  'takes a fragment for a query': replaced(/(?<=^GET [^ ]*)#/g, '?'),
  'takes bytes past ASCII in a target': replaced(/(?<=^GET [^ ]*)[\x80-\xff]/g, 'a'),
  'does not read lists of wishes': replaced(/(?<=dnt:? *0),/gi, ';'),
  'always keeps the connection': (bytes, from, into) => {
    const end = readHead(bytes, from, into);
    into.keepAlive = true;
    return end;
  },
  'takes four bytes of the next request for its own': (bytes, from, into) => {
    const end = readHead(bytes, from, into);
    return end === NOT_OURS || !into.keepAlive ? end : Math.min(end + 4, bytes.length);
  },
  'believes half a head': (bytes, from, into) =>
    readHead(Buffer.concat([bytes, Buffer.from('\r\n\r\n')]), from, into) > bytes.length
      ? bytes.length
      : readHead(bytes, from, into),
  'keeps the referrer of the request before': (bytes, from, into) => {
    const { referrerStart, referrerEnd, bytes: old } = into;
    const end = readHead(bytes, from, into);
    if (end !== NOT_OURS && into.referrerStart < 0 && old === bytes) {
      into.referrerStart = referrerStart;
      into.referrerEnd = referrerEnd;
    }
    return end;
  },
};
