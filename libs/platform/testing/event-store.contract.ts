import { beforeEach, describe, expect, it } from 'vitest';
import { dataOf, type EventStore, type NewEvent, slotOf } from '#platform/event-store';
import { anyEvent, anyStream, lifecycle, statuses } from './event-fixtures.ts';
import { eventStoreReadsContract } from './event-store-reads.contract.ts';

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

  eventStoreReadsContract(() => store);
}
