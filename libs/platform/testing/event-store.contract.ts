import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { dataOf, type EventStore, type NewEvent, type RecordedEvent, slotOf } from '#platform/event-store';

/** A stream's name that no other test uses. */
export const anyStream = (): string => `run:shop/${randomUUID()}`;

export function anyEvent(content: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId: randomUUID(),
    type: 'test.finished',
    at: 1_700_000_000_000,
    data: { status: 'passed' },
    ...content,
  };
}

const lifecycle = (content: Partial<NewEvent> = {}): NewEvent =>
  anyEvent({ type: 'run.started', lifecycle: true, ...content });

const statuses = (outcomes: readonly { status: string }[]): string[] => outcomes.map(({ status }) => status);

/** What every event store must do, whatever it keeps its events in. @param open a store, which may hold other streams */
export function eventStoreContract(open: () => EventStore | Promise<EventStore>): void {
  let store: EventStore;
  let stream: string;
  beforeEach(async () => {
    store = await open();
    stream = anyStream();
  });

  describe('appends', () => {
    it('number the events of a stream from 1 without gaps, and its slot too', async () => {
      const before = (await store.heads()).positions[slotOf(stream)]!;
      const first = await store.append({ stream, events: [anyEvent(), anyEvent()] });
      const second = await store.append({ stream, events: [anyEvent()] });
      expect([...first, ...second]).toEqual([
        { status: 'appended', version: 1, position: before + 1 },
        { status: 'appended', version: 2, position: before + 2 },
        { status: 'appended', version: 3, position: before + 3 },
      ]);
      expect((await store.heads()).positions[slotOf(stream)]).toBe(before + 3);
    });

    it('of nothing answer nothing and make no stream', async () => {
      expect(await store.append({ stream, expected: { version: 7 }, events: [] })).toEqual([]);
      expect(await store.readStream(stream, 0)).toMatchObject({ version: 0, guard: 0, events: [] });
    });

    it('answer a known id of the same content with the first version, and append the others', async () => {
      const known = anyEvent();
      const [first] = await store.append({ stream, events: [known] });
      const repeat = await store.append({ stream, events: [anyEvent(), { ...known, at: 5 }, anyEvent()] });
      expect(statuses(repeat)).toEqual(['appended', 'duplicate', 'appended']);
      expect(repeat[1]).toEqual({ ...first, status: 'duplicate' });
      expect((await store.readStream(stream, 0)).events.map(({ version }) => version)).toEqual([1, 2, 3]);
    });

    it('tell a known id of other data, detail or type as a clash, and keep the first content', async () => {
      const known = anyEvent({ data: { a: 1, b: [2] }, detail: { stack: 'x' } });
      const [first] = await store.append({ stream, events: [known] });
      const others = [
        { ...known, data: { a: 1, b: [3] } },
        { ...known, detail: { stack: 'y' } },
        { ...known, type: 'test.started' },
        { ...known, data: { b: [2], a: 1 } },
      ];
      const outcomes = await store.append({ stream, events: others });
      expect(statuses(outcomes)).toEqual(['clash', 'clash', 'clash', 'duplicate']);
      expect(outcomes[0]).toEqual({ ...first, status: 'clash' });
      const [stored] = await store.readDetails(stream, [1]);
      expect([stored?.type, stored?.dataJson, stored?.detailJson]).toEqual([
        'test.finished',
        '{"a":1,"b":[2]}',
        '{"stack":"x"}',
      ]);
    });

    it('fold repeats within one append', async () => {
      const event = anyEvent();
      const outcomes = await store.append({ stream, events: [event, anyEvent(), event, { ...event, data: {} }] });
      expect(statuses(outcomes)).toEqual(['appended', 'appended', 'duplicate', 'clash']);
      expect(outcomes.map(({ version }) => version)).toEqual([1, 2, 1, 1]);
    });

    it('that are sent at once and share an id store it once', async () => {
      const event = anyEvent();
      const both = await Promise.all([
        store.append({ stream, events: [event] }),
        store.append({ stream, events: [event] }),
      ]);
      expect(statuses(both.flat())).toEqual(['appended', 'duplicate']);
    });

    it('keep the same id apart in two streams', async () => {
      const event = anyEvent();
      await store.append({ stream, events: [event] });
      expect(statuses(await store.append({ stream: anyStream(), events: [event] }))).toEqual(['appended']);
    });

    it('do not compare the content of lifecycle events', async () => {
      const event = lifecycle({ data: { implicit: true } });
      await store.append({ stream, expected: { guard: 0 }, events: [event] });
      const outcomes = await store.append({ stream, expected: { guard: 0 }, events: [{ ...event, data: {} }] });
      expect(statuses(outcomes)).toEqual(['duplicate']);
    });

    it('compare a lifecycle event with one that is none', async () => {
      const event = anyEvent();
      await store.append({ stream, events: [event] });
      const outcomes = await store.append({ stream, events: [{ ...event, lifecycle: true, data: {} }] });
      expect(statuses(outcomes)).toEqual(['clash']);
    });
  });

  describe('checked appends', () => {
    it('are refused as a whole when the stream has another version', async () => {
      await store.append({ stream, events: [anyEvent(), anyEvent()] });
      const outcomes = await store.append({ stream, expected: { version: 1 }, events: [anyEvent(), anyEvent()] });
      expect(outcomes).toEqual(Array.from({ length: 2 }, () => ({ status: 'conflict', version: 2, guard: 0 })));
      expect((await store.readStream(stream, 0)).version).toBe(2);
    });

    it('leave no stream behind when they are refused', async () => {
      expect(statuses(await store.append({ stream, expected: { guard: 3 }, events: [anyEvent()] }))).toEqual([
        'conflict',
      ]);
      expect((await store.readStream(stream, 0)).version).toBe(0);
      expect(statuses(await store.append({ stream, expected: { version: 0 }, events: [anyEvent()] }))).toEqual([
        'appended',
      ]);
    });

    it('hold by the guard while results move the version', async () => {
      await store.append({ stream, expected: { guard: 0 }, events: [lifecycle()] });
      await store.append({ stream, events: [anyEvent(), anyEvent()] });
      const cancel = { stream, events: [lifecycle({ type: 'run.cancelled' })] };
      expect(await store.append({ ...cancel, expected: { guard: 0 } })).toEqual([
        { status: 'conflict', version: 3, guard: 1 },
      ]);
      expect(await store.append({ ...cancel, expected: { guard: 1 } })).toMatchObject([
        { status: 'appended', version: 4 },
      ]);
      expect(await store.readLifecycle(stream)).toMatchObject({ version: 4, guard: 4 });
    });

    it('are duplicates when all of their ids are known, whatever they expect', async () => {
      const events = [lifecycle(), lifecycle({ type: 'run.described' })];
      const first = await store.append({ stream, expected: { version: 0 }, events });
      const again = await store.append({ stream, expected: { version: 0 }, events });
      expect(again).toEqual(first.map((outcome) => ({ ...outcome, status: 'duplicate' })));
    });

    it('conflict when some ids are known and the stream has moved', async () => {
      const started = lifecycle();
      await store.append({ stream, expected: { guard: 0 }, events: [started] });
      const both = { stream, expected: { guard: 0 }, events: [started, lifecycle({ type: 'shard.started' })] };
      expect(statuses(await store.append(both))).toEqual(['conflict', 'conflict']);
    });

    it('fail, and store nothing, when some ids are known though the stream is as expected', async () => {
      const result = anyEvent();
      await store.append({ stream, events: [result] });
      const append = store.append({ stream, expected: { version: 1 }, events: [result, anyEvent()] });
      await expect(append).rejects.toMatchObject({ code: 'internal' });
      expect((await store.readStream(stream, 0)).version).toBe(1);
    });

    it('let exactly one of many win', async () => {
      const racers = Array.from({ length: 12 }, () =>
        store.append({ stream, expected: { version: 0 }, events: [lifecycle(), lifecycle()] }),
      );
      const outcomes = await Promise.all(racers);
      expect(outcomes.filter(([first]) => first?.status === 'appended')).toHaveLength(1);
      expect(outcomes.filter(([first]) => first?.status === 'conflict')).toHaveLength(11);
      expect((await store.readStream(stream, 0)).version).toBe(2);
    });

    it('keep their place among unchecked ones', async () => {
      const outcomes = await Promise.all([
        store.append({ stream, events: [anyEvent()] }),
        store.append({ stream, expected: { guard: 0 }, events: [lifecycle()] }),
        store.append({ stream, events: [anyEvent()] }),
        store.append({ stream, expected: { version: 3 }, events: [lifecycle()] }),
      ]);
      expect(outcomes.flat().map(({ status, version }) => [status, version])).toEqual([
        ['appended', 1],
        ['appended', 2],
        ['appended', 3],
        ['appended', 4],
      ]);
    });
  });

  describe('what cannot be stored', () => {
    const bad: [string, Partial<NewEvent> & { stream?: string }][] = [
      ['a stream without a name', { stream: '' }],
      ['a stream with a NUL in its name', { stream: 'run:\0' }],
      ['a stream whose name is not well-formed', { stream: 'run:\uD800' }],
      ['a stream whose name is over 1,000 bytes', { stream: 'ä'.repeat(501) }],
      ['an event id that is no UUID', { eventId: '17' }],
      ['an event without a type', { type: '' }],
      ['a time that is no integer', { at: Number.NaN }],
    ];
    it.each(bad)('is refused before it can hurt others: %s', async (_, { stream: name = stream, ...content }) => {
      const neighbour = store.append({ stream, events: [anyEvent()] });
      const refused = store.append({ stream: name, events: [anyEvent(content)] });
      await expect(refused).rejects.toMatchObject({ code: 'request.invalid' });
      expect(statuses(await neighbour)).toEqual(['appended']);
    });

    it('is not data with control characters, quotes, backslashes or any other text', async () => {
      const data = { text: '\0\u0007"\\{},\n\uD83D\uDE00\uD800', nested: { 'k"ey': [null, 1.5, 'NULL'] } };
      await store.append({ stream, events: [anyEvent({ data, detail: data })] });
      const [event] = await store.readDetails(stream, [1]);
      expect(dataOf(event!)).toEqual(data);
      expect(event?.detailJson).toBe(event?.dataJson);
    });

    it('is an append of more than 5,000 events', async () => {
      const events = Array.from({ length: 5_001 }, () => anyEvent());
      await expect(store.append({ stream, events })).rejects.toMatchObject({ code: 'request.too-large' });
    });
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

    it('refuse an offset that is none', async () => {
      await expect(store.readStream(stream, -1)).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(store.readSlot(0, 0.5)).rejects.toMatchObject({ code: 'request.invalid' });
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

/** Another stream of the slot: one name in 256 hits it. */
function streamOfSlot(slot: number): string {
  for (;;) {
    const name = anyStream();
    if (slotOf(name) === slot) return name;
  }
}
