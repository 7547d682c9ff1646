import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { dataOf, type EventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { anyEvent, anyStream, lifecycle, statuses } from './event-fixtures.ts';

/** The part of the contract that reads and listens. */
export function eventStoreReadsContract(open: () => EventStore): void {
  let store: EventStore;
  let stream: string;
  beforeEach(() => {
    store = open();
    stream = anyStream();
  });

  describe('reads', () => {
    it('give back what was appended, in order, with the head of the same moment', async () => {
      const sent = [lifecycle({ data: { n: 1 } }), anyEvent({ data: { n: 2 } }), anyEvent({ data: { n: 3 }, at: -1 })];
      const outcomes = await store.append({ stream, events: sent });
      const page = await store.readStream(stream, 1);
      expect(page).toMatchObject({
        stream,
        slot: slotOf(stream),
        version: 3,
        guard: 1,
        epoch: (await store.heads()).epoch,
      });
      expect(page.events.map((event) => dataOf(event))).toEqual([{ n: 2 }, { n: 3 }]);
      expect(page.events[1]).toMatchObject({ eventId: sent[2]!.eventId, at: -1, ...place(outcomes[2]) });
      expect((await store.readStream(stream, 3)).events).toEqual([]);
    });

    it('are bounded by count and by bytes, and always move on', async () => {
      await store.append({
        stream,
        events: Array.from({ length: 9 }, () => anyEvent({ data: { pad: 'x'.repeat(90) } })),
      });
      const { slot } = await store.readStream(stream, 0);
      const { position } = (await store.readStream(stream, 0, { limit: 1 })).events[0]!;
      for (const [options, count] of [
        [{ limit: 4 }, 4],
        [{ maxBytes: 1 }, 1],
        [{ maxBytes: 150 }, 2],
        [{ maxBytes: 250, limit: 2 }, 2],
      ] as const) {
        const page = await store.readStream(stream, 2, options);
        expect(page.events.map(({ version }) => version)).toEqual(Array.from({ length: count }, (_, n) => n + 3));
        expect(await store.readSlot(slot, position - 1, options)).toHaveLength(count);
      }
    });

    it('find all lifecycle events and no other', async () => {
      const results = Array.from({ length: 30 }, () => anyEvent());
      await store.append({
        stream,
        events: [lifecycle(), ...results, lifecycle({ type: 'run.finished' }), anyEvent()],
      });
      const page = await store.readLifecycle(stream);
      expect(page.events.map(({ version, type }) => [version, type])).toEqual([
        [1, 'run.started'],
        [32, 'run.finished'],
      ]);
      expect(page).toMatchObject({ version: 33, guard: 32 });
    });

    it('give details only of the versions that were asked for and exist', async () => {
      await store.append({ stream, events: [anyEvent(), anyEvent({ detail: { stack: 'at x' } }), anyEvent()] });
      const found = await store.readDetails(stream, [2, 3, 99, 2]);
      expect(found.map(({ version, detailJson }) => [version, detailJson])).toEqual([
        [2, '{"stack":"at x"}'],
        [3, null],
      ]);
      expect(await store.readDetails(anyStream(), [1])).toEqual([]);
      const many = Array.from({ length: 1_001 }, (_, version) => version);
      await expect(store.readDetails(stream, many)).rejects.toMatchObject({ code: 'request.too-large' });
    });

    it('follow a slot through all of its streams', async () => {
      const slot = slotOf(stream);
      const from = (await store.heads()).positions[slot]!;
      const other = streamOfSlot(slot);
      for (const name of [stream, other, stream])
        await store.append({ stream: name, events: [anyEvent(), anyEvent()] });
      const events = await store.readSlot(slot, from);
      expect(events.map((event) => [event.position - from, event.stream, event.version])).toEqual([
        [1, stream, 1],
        [2, stream, 2],
        [3, other, 1],
        [4, other, 2],
        [5, stream, 3],
        [6, stream, 4],
      ]);
    });

    it('follow many slots at once, each from its own position', async () => {
      const before = (await store.heads()).positions;
      const others = [anyStream(), anyStream()];
      for (const [index, name] of [stream, ...others].entries())
        await store.append({ stream: name, events: Array.from({ length: index + 2 }, () => anyEvent()) });
      const { positions } = await store.heads();
      const after = new Map([...before.entries()].filter(([slot]) => slot !== slotOf(others[0]!)));
      after.set(slotOf(stream), before[slotOf(stream)]! + 1);
      const events = await store.readSlots(after);
      for (const [slot, from] of after) {
        const ofSlot = events.filter((event) => event.slot === slot);
        expect(ofSlot).toEqual(await store.readSlot(slot, from));
        expect(ofSlot).toHaveLength(positions[slot]! - from);
      }
      expect(events.every(({ slot }) => after.has(slot))).toBe(true);
      expect(await store.readSlots(new Map(positions.entries()))).toEqual([]);
      expect(await store.readSlots(new Map())).toEqual([]);
    });

    it('share out what many slots may bring, so that one that is far behind holds up no other', async () => {
      const [far, near] = [stream, streamOfAnotherSlot(stream)];
      const { positions } = await store.heads();
      const after = new Map([far, near].map((name) => [slotOf(name), positions[slotOf(name)]!]));
      const events = (count: number) =>
        Array.from({ length: count }, () => anyEvent({ data: { pad: 'x'.repeat(90) } }));
      await store.append({ stream: far, events: events(30) });
      await store.append({ stream: near, events: events(3) });
      for (const [options, ofFar, ofNear] of [
        [{}, 30, 3],
        [{ limit: 8 }, 4, 3],
        [{ limit: 2 }, 1, 1],
        [{ maxBytes: 350 }, 2, 2],
        [{ maxBytes: 10_000, limit: 60 }, 30, 3],
      ] as const) {
        const found = await store.readSlots(after, options);
        for (const [name, count] of [
          [far, ofFar],
          [near, ofNear],
        ] as const) {
          const places = found.filter(({ slot }) => slot === slotOf(name)).map(({ position }) => position);
          const from = after.get(slotOf(name))!;
          expect(places).toEqual(Array.from({ length: count }, (_, index) => from + 1 + index));
        }
      }
      expect(await store.readSlots(after, { maxBytes: 1 })).toHaveLength(1);
      expect(await store.readSlots(after, { limit: 1 })).toHaveLength(1);
      // What the bounds let through goes to whoever is asked for first: callers give each slot its turn.
      for (const asked of [[...after], [...after].reverse()]) {
        for (const bounds of [{ limit: 1 }, { maxBytes: 1 }]) {
          const [event] = await store.readSlots(new Map(asked), bounds);
          expect(event!.slot).toBe(asked[0]![0]);
        }
      }
    });

    it('refuse an offset that is none', async () => {
      await expect(store.readStream(stream, -1)).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(store.readSlot(0, 0.5)).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(store.readSlot(256, 0)).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(store.readSlots(new Map([[0, -1]]))).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(store.readSlots(new Map([[256, 0]]))).rejects.toMatchObject({ code: 'request.invalid' });
    });

    it('name the newest epoch as that of the heads', async () => {
      const [heads, epochs] = await Promise.all([store.heads(), store.epochs()]);
      expect(heads.epoch).toBe(epochs.at(-1)?.epoch);
      expect(heads.positions).toHaveLength(256);
      expect(epochs[0]?.heads).toEqual(Array.from({ length: 256 }, () => 0));
    });
  });

  describe('listeners', () => {
    it('are told of what was committed, as it is read later, before the append resolves', async () => {
      const told: RecordedEvent[] = [];
      const stop = store.onCommitted((events) => void told.push(...events));
      const known = anyEvent();
      await store.append({ stream, events: [known, anyEvent({ eventId: randomUUID().toUpperCase() })] });
      expect(told).toEqual((await store.readStream(stream, 0)).events);
      await store.append({ stream, events: [known] });
      expect(told).toHaveLength(2);
      stop();
      await store.append({ stream, events: [anyEvent()] });
      expect(told).toHaveLength(2);
    });

    it('that throw harm nobody', async () => {
      const told: number[] = [];
      const stops = [
        store.onCommitted(() => {
          throw new Error('a listener of the contract suite');
        }),
        store.onCommitted((events) => void told.push(events.length)),
      ];
      expect(statuses(await store.append({ stream, events: [anyEvent()] }))).toEqual(['appended']);
      expect(told).toEqual([1]);
      for (const stop of stops) stop();
    });
  });
}

function place(outcome: { version: number } | undefined): { version: number } {
  return { version: outcome!.version };
}

function streamOfAnotherSlot(than: string): string {
  for (;;) {
    const name = anyStream();
    if (slotOf(name) !== slotOf(than)) return name;
  }
}

/** Another stream of the slot: one name in 256 hits it. */
function streamOfSlot(slot: number): string {
  for (;;) {
    const name = anyStream();
    if (slotOf(name) === slot) return name;
  }
}
