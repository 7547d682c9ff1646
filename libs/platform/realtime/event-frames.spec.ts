import { limits } from '@testcast/contracts';
import { expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { eventFrames } from './event-frames.ts';

const event = (version: number, data: object): RecordedEvent => ({
  slot: 1,
  position: version,
  stream: 'run:shop/1',
  version,
  eventId: `00000000-0000-8000-8000-${String(version).padStart(12, '0')}`,
  type: 'test.finished',
  at: 5,
  recordedAt: 6,
  dataJson: JSON.stringify(data),
});

const parsed = (payload: Buffer) =>
  JSON.parse(payload.toString()) as { type: string; room: string; events: { offset: number; data: unknown }[] };

it('carries the data as it was stored', () => {
  const [only, ...more] = eventFrames('run:shop/"1"', [event(4, { title: 'a "quoted" ✓' }), event(5, {})]);
  expect(more).toEqual([]);
  expect(only).toMatchObject({ last: 5, count: 2 });
  expect(parsed(only!.frame.payload)).toEqual({
    type: 'events',
    room: 'run:shop/"1"',
    events: [
      { offset: 4, eventId: event(4, {}).eventId, type: 'test.finished', at: 5, data: { title: 'a "quoted" ✓' } },
      { offset: 5, eventId: event(5, {}).eventId, type: 'test.finished', at: 5, data: {} },
    ],
  });
});

it('cuts what is large into frames under the limit, with no event left out', () => {
  const events = Array.from({ length: 300 }, (_, index) => event(index + 1, { text: '✓'.repeat(1000) }));
  const frames = eventFrames('run:shop/1', events);
  expect(frames.length).toBeGreaterThan(1);
  for (const { frame } of frames) expect(frame.bytes).toBeLessThanOrEqual(limits.serverFrameBytes);
  const offsets = frames.flatMap(({ frame }) => parsed(frame.payload).events.map(({ offset }) => offset));
  expect(offsets).toEqual(events.map(({ version }) => version));
  expect(frames.at(-1)!.last).toBe(300);
});
