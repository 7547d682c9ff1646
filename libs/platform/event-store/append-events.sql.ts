import {
  bigintArray,
  booleanArray,
  byteaArray,
  integerArray,
  smallintArray,
  textArray,
  uuidArray,
} from './binary-array.ts';
import type { EncodedAppend } from './encoded-append.ts';
import type { PreparedQuery } from './pooled-connection.ts';

/** What the function `append_events` says of one event: status, version, position (or guard), recorded at. */
export type AppendedRow = readonly [status: number, version: string, place: string, recordedAt: string];

export const appended = 0;
export const duplicate = 1;
export const clash = 2;
export const conflict = 3;
export const refused = 4;

/** `select * from append_events('{7}', '{"run:shop/1"}', '{0}', '{0}', '{1}', …)`; a row an event, in the order given. */
export function appendEvents(appends: readonly EncodedAppend[]): PreparedQuery {
  const streams = { slot: [] as number[], name: [] as string[], rule: [] as number[], expected: [] as number[] };
  const append: number[] = [];
  const id: string[] = [];
  const digest: Buffer[] = [];
  const lifecycle: boolean[] = [];
  const type: string[] = [];
  const at: number[] = [];
  const data: string[] = [];
  const detail: (string | null)[] = [];
  for (const [index, { slot, stream, expected, events }] of appends.entries()) {
    streams.slot.push(slot);
    streams.name.push(stream);
    streams.rule.push(expected === undefined ? 0 : 'version' in expected ? 1 : 2);
    streams.expected.push(expected === undefined ? 0 : 'version' in expected ? expected.version : expected.guard);
    for (const event of events) {
      append.push(index + 1);
      id.push(event.eventId);
      digest.push(event.digest);
      lifecycle.push(event.lifecycle);
      type.push(event.type);
      at.push(event.at);
      data.push(event.dataJson);
      detail.push(event.detailJson);
    }
  }
  return {
    name: 'append-events',
    text: 'select * from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    values: [
      smallintArray(streams.slot),
      textArray(streams.name),
      smallintArray(streams.rule),
      bigintArray(streams.expected),
      integerArray(append),
      uuidArray(id),
      byteaArray(digest),
      booleanArray(lifecycle),
      textArray(type),
      bigintArray(at),
      textArray(data),
      textArray(detail),
    ],
  };
}
