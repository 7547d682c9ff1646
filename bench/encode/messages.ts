import type { RecordedEvent } from '#platform/event-store';

export const room = 'run:bench/8f14e45f-ceea-467f-a0f3-1a2b3c4d5e6f';

const dataOf = (n: number) => ({
  testId: `test/checkout/cart-${n % 40}.spec.ts::cart > adds item ${n}`,
  suite: ['cart'],
  title: `adds item ${n}`,
  attempt: 1,
  status: n % 50 === 7 ? 'failed' : 'passed',
  durationMs: (n * 37) % 900,
  testKey: (0x1000_0000_0000 + n * 7_919).toString(16).padStart(16, '0'),
  shardId: '',
  variant: '',
  rerun: 1,
});

const eventIdOf = (n: number): string => `01890f2c-7b1e-7c3a-9d52-${(n * 104_729).toString(16).padStart(12, '0')}`;
const at = 1_700_000_000_000;

export interface Item {
  readonly offset: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
  readonly data: ReturnType<typeof dataOf>;
}

export const itemsOf = (count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({
    offset: n + 1,
    eventId: eventIdOf(n),
    type: 'test.finished',
    at: at + n,
    data: dataOf(n),
  }));

/** The same events as the log has them: their data is text. */
export const recordedOf = (items: readonly Item[]): RecordedEvent[] =>
  items.map(({ offset, eventId, type, at: when, data }) => ({
    slot: 7,
    position: offset,
    stream: room,
    version: offset,
    eventId,
    type,
    at: when,
    recordedAt: when,
    dataJson: JSON.stringify(data),
  }));

export const replyOf = (count: number) => ({
  results: Array.from({ length: count }, (_, index) => ({ index, status: 'appended', offset: 1_000 + index })),
});

const [string, integer] = [{ type: 'string' }, { type: 'integer' }];
const object = (properties: object) => ({ type: 'object', properties });
const arrayOf = (items: object) => ({ type: 'array', items });

export const dataSchema = object({
  testId: string,
  suite: arrayOf(string),
  title: string,
  attempt: integer,
  status: string,
  durationMs: integer,
  testKey: string,
  shardId: string,
  variant: string,
  rerun: integer,
});
export const frameSchema = object({
  type: string,
  room: string,
  events: arrayOf(object({ offset: integer, eventId: string, type: string, at: integer, data: dataSchema })),
});
export const replySchema = object({
  id: integer,
  type: string,
  data: object({ results: arrayOf(object({ index: integer, status: string, offset: integer })) }),
});
