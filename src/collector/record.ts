// A request's fields as a record of the journal: bytes are copied as they came, so nothing is altered.

import { nowMicros } from '../hit/clock.ts';
import { FieldTag, type RecordEncoder } from '../hit/encoding.ts';
import { ABSENT, type PixelRequest } from './request.ts';

/** What every hit has: its kind, its time and its code. */
export function beginHit(encoder: RecordEncoder, request: PixelRequest): void {
  encoder.begin(request.kind, nowMicros());
  if (request.kind === 'open') {
    encoder.field(FieldTag.CODE, request.bytes, request.codeStart, request.codeEnd);
  }
}

/** All else that came, with what is kept of the address. */
export function encodeWhole(encoder: RecordEncoder, request: PixelRequest, address: Buffer): void {
  const { bytes } = request;
  if (address.length > 0) encoder.field(FieldTag.ADDRESS, address, 0, address.length);
  if (request.referrerStart !== ABSENT) {
    encoder.field(FieldTag.REFERRER, bytes, request.referrerStart, request.referrerEnd);
  }
  if (request.agentStart !== ABSENT) {
    encoder.field(FieldTag.AGENT, bytes, request.agentStart, request.agentEnd);
  }
  if (request.purposeStart !== ABSENT) {
    encoder.field(FieldTag.PURPOSE, bytes, request.purposeStart, request.purposeEnd);
  }
}
