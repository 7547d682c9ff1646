import { expect, it } from 'vitest';
import { type RecordedEvent, slotOf } from '#platform/event-store';
import { messageOf, publishedEventOf } from './published-event.ts';

const stream = 'run:shop/größe 1';
const event: RecordedEvent = {
  slot: slotOf(stream),
  position: 7,
  stream,
  version: 3,
  eventId: '00000000-0000-8000-8000-000000000001',
  type: 'test.finished',
  at: -5,
  recordedAt: 1_700_000_000_001,
  dataJson: '{"message":"naïve ✓"}',
};

/** As the broker gives back what it was sent: everything is bytes. */
function overTheWire(sent: RecordedEvent, epoch = 'store.2', change: Record<string, string> = {}) {
  const { headers, value } = messageOf(sent, epoch);
  const entries = Object.entries({ ...headers, ...change }).map(([name, text]) => [name, Buffer.from(text as string)]);
  return { headers: Object.fromEntries(entries) as Record<string, Buffer>, value: Buffer.from(value as string) };
}

it('brings an event to the other side as it was', () => {
  const published = publishedEventOf(overTheWire(event))!;
  expect(published.epoch).toBe('store.2');
  const { slot, position, version, eventId, type, at, recordedAt, dataJson } = published.event;
  expect({ slot, position, stream: published.event.stream, version, eventId, type, at, recordedAt, dataJson }).toEqual(
    event,
  );
  expect(published.event.dataJson).toBe(event.dataJson);
});

it('keeps every slot in one partition of 32', () => {
  const partitions = Array.from({ length: 256 }, (_, slot) => messageOf({ ...event, slot }, 'e').partition!);
  expect(new Set(partitions).size).toBe(32);
  expect(partitions.every((partition, slot) => partition === partitions[slot % 32])).toBe(true);
});

it.each([
  ['slot', '256'],
  ['slot', '1.5'],
  ['position', '0'],
  ['position', '99999999999999999999'],
  ['version', 'three'],
  ['recordedAt', ''],
  ['stream', ''],
  ['epoch', ''],
])('takes nothing of a record whose %s is "%s"', (name, value) => {
  expect(publishedEventOf(overTheWire(event, 'store.2', { [name]: value }))).toBeUndefined();
});

it('takes nothing of a record that somebody else wrote', () => {
  expect(publishedEventOf({ headers: {}, value: Buffer.from('hello') })).toBeUndefined();
  expect(publishedEventOf({ ...overTheWire(event), value: null })).toBeUndefined();
});
