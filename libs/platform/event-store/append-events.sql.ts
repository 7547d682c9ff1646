import type { BatchLayout } from './batch-layout.ts';
import {
  bigintArray,
  booleanArray,
  byteaArray,
  integerArray,
  smallintArray,
  textArray,
  uuidArray,
} from './binary-array.ts';
import type { EncodedEvent } from './encoded-append.ts';
import type { Expected } from './event-store.ts';
import type { PreparedQuery } from './pooled-connection.ts';

/**
 * What the function `append_events` answers, and the server's timeline; lists with a blank between their numbers. Without statuses everything was
 * appended, and there is a version and a place a stream: those before. Else there is one an event.
 */
export type AppendAnswer = readonly [
  recordedAt: string,
  statuses: string | null,
  versions: string,
  places: string,
  timeline: string,
];

export const appended = 0;
export const duplicate = 1;
export const clash = 2;
export const conflict = 3;
export const refused = 4;
export const gone = 5;

/** What became of each event of a batch, in the layout's order: of a conflict, or of what is gone, the stream's version and guard. */
export interface Appended {
  readonly recordedAt: number;
  /** Whether every event was appended. */
  readonly all: boolean;
  readonly statuses: readonly number[];
  readonly versions: readonly number[];
  readonly places: readonly number[];
}

/**
 * `select … from append_events(false, '{7}', '{1}', '{7}', '{"run:shop/1"}', '{0}', '{0}', '{1}', '{0}', '{1}', '{1}', '{1}', …)`
 *
 * @param lookFirst whether repeats are likely: storing is then not tried before looking for them
 */
export function appendEvents(layout: BatchLayout, lookFirst: boolean): PreparedQuery {
  const { streams, slots } = layout;
  return {
    name: 'append-events',
    text: `select recorded_at, array_to_string(status, ' '), array_to_string(version, ' '), array_to_string(place, ' '),
  store_timeline()
from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    values: [
      lookFirst,
      smallintArray([...slots.keys()]),
      integerArray([...slots.values()]),
      smallintArray(streams.map(({ slot }) => slot)),
      textArray(streams.map(({ stream }) => stream)),
      smallintArray(streams.map(({ expected }) => (expected === undefined ? 0 : 'version' in expected ? 1 : 2))),
      bigintArray(streams.map(({ expected }) => expectedNumber(expected))),
      integerArray(streams.map(({ events }) => events.length)),
      integerArray(streams.map(({ lifecycle }) => lifecycle)),
      ...eventColumns(layout),
    ],
  };
}

const expectedNumber = (expected: Expected | undefined): number =>
  expected === undefined ? 0 : 'version' in expected ? expected.version : expected.guard;

function eventColumns({ streams }: BatchLayout): Buffer[] {
  const [ofStream, nth, place] = [[] as number[], [] as number[], [] as number[]];
  const events: EncodedEvent[] = [];
  const inSlot = new Map<number, number>();
  for (const [index, stream] of streams.entries()) {
    let last = inSlot.get(stream.slot) ?? 0;
    for (let number = 1; number <= stream.events.length; number++) {
      ofStream.push(index + 1);
      nth.push(number);
      place.push(++last);
      events.push(stream.events[number - 1]!);
    }
    inSlot.set(stream.slot, last);
  }
  return [
    integerArray(ofStream),
    integerArray(nth),
    integerArray(place),
    uuidArray(events.map(({ eventId }) => eventId)),
    byteaArray(events.map(({ digest }) => digest)),
    booleanArray(events.map(({ lifecycle }) => lifecycle)),
    textArray(events.map(({ type }) => type)),
    bigintArray(events.map(({ at }) => at)),
    textArray(events.map(({ dataJson }) => dataJson)),
    textArray(events.map(({ detailJson }) => detailJson)),
  ];
}

/** Reads the answer to a batch of this layout. */
export function appendedOf(layout: BatchLayout, [recordedAt, statuses, versions, places]: AppendAnswer): Appended {
  const at = { recordedAt: Number(recordedAt) };
  if (statuses === null) return { ...at, ...numbered(layout, numbersOf(versions), numbersOf(places)) };
  const each = numbersOf(statuses);
  const all = each.every((status) => status === appended);
  return { ...at, all, statuses: each, versions: numbersOf(versions), places: numbersOf(places) };
}

function numbered({ streams }: BatchLayout, versions: readonly number[], positions: readonly number[]) {
  const result = { all: true, statuses: [] as number[], versions: [] as number[], places: [] as number[] };
  const heads = new Map<number, number>();
  for (const [index, { slot, events }] of streams.entries()) {
    let position = heads.get(slot) ?? positions[index]!;
    for (let number = 1; number <= events.length; number++) {
      result.statuses.push(appended);
      result.versions.push(versions[index]! + number);
      result.places.push(++position);
    }
    heads.set(slot, position);
  }
  return result;
}

const numbersOf = (list: string): number[] => list.split(' ').map(Number);
