import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyEvent } from '#platform/testing';
import type { EventOutcome } from '../event-store.ts';
import type { NewEvent, RecordedEvent } from '../recorded-event.ts';
import { isUnreachable } from '../unreachable.ts';
import { LogUnderTest, streamIn } from './fixtures/log-under-test.ts';

describe('partitions that change under full load', () => {
  let log: LogUnderTest;
  beforeEach(async () => {
    log = await LogUnderTest.open();
  });
  afterEach(() => log?.close());

  it('take no event twice that is sent again while it moves', { timeout: 60_000 }, async () => {
    const [slot] = await log.slotsOf(0);
    const stream = streamIn(slot!);
    const events = Array.from({ length: 480 }, () => anyEvent());
    await log.store.append({ stream, events });
    const done = new AbortController();
    // Few rows a transaction, so that many of them end in the middle of a look-up, and many ids, so that it takes a while.
    const draining = log
      .partitions({ chunkRows: 6 })
      .drain(0)
      .finally(() => done.abort());
    let repeated = 0;
    while (!done.signal.aborted) {
      const outcomes = await log.store.append({ stream, events });
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['duplicate']));
      repeated++;
    }
    await draining;
    expect(repeated).toBeGreaterThan(10);
    expect(await log.verify()).toEqual([]);
  });

  it(
    'lose nothing, repeat nothing and keep every order, however often the operator dies',
    { timeout: 90_000 },
    async () => {
      const slots = await log.slotsOf(0);
      const streams = slots.flatMap((slot) => [streamIn(slot), streamIn(slot)]);
      const done = new AbortController();
      // After the last append of the writers, which may still be on its way when they are told to stop.
      const written = new AbortController();
      const readers = slots.map((slot) => follow(log, slot, written.signal));
      const writers = Array.from({ length: 6 }, (_, index) => write(log, streams, index, done.signal));
      const killed = await operate(log).finally(() => done.abort());

      const answers = (await Promise.all(writers).finally(() => written.abort())).flat();
      expect(killed).toBeGreaterThan(3);
      const seen = new Map<string, RecordedEvent>();
      const { positions } = await log.store.heads();
      for (const [index, events] of (await Promise.all(readers)).entries()) {
        const expected = Array.from({ length: positions[slots[index]!]! }, (_, n) => n + 1);
        expect(events.map(({ position }) => position)).toEqual(expected);
        for (const event of events) {
          expect(seen.has(event.eventId)).toBe(false);
          seen.set(event.eventId, event);
        }
      }
      const appended = answers.filter(({ outcome }) => outcome.status === 'appended');
      expect(seen.size).toBe(appended.length);
      for (const { stream, event, outcome } of answers) {
        if (!('position' in outcome)) continue;
        expect(seen.get(event.eventId)).toMatchObject({ stream, version: outcome.version, position: outcome.position });
      }
      expect(answers.some(({ outcome }) => outcome.status === 'duplicate')).toBe(true);
      expect(answers.some(({ outcome }) => outcome.status === 'conflict')).toBe(true);
      expect(await log.verify()).toEqual([]);
    },
  );
});

interface Answer {
  readonly stream: string;
  readonly event: NewEvent;
  readonly outcome: EventOutcome;
}

/** Appends results, sends some of them again, and changes the lifecycle of streams that others change as well. */
async function write(
  log: LogUnderTest,
  streams: readonly string[],
  index: number,
  done: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let round = index; !done.aborted; round++) {
    const stream = streams[round % streams.length]!;
    const again = answers.findLast((answer) => answer.stream === stream)?.event;
    const isLifecycle = round % 5 === 0;
    const events = [anyEvent({ lifecycle: isLifecycle }), anyEvent(), ...(again && !isLifecycle ? [again] : [])];
    const guard = isLifecycle ? (await log.store.readLifecycle(stream)).guard : undefined;
    const expected = guard === undefined ? undefined : { guard };
    const outcomes = await log.store.append({ stream, expected, events });
    outcomes.forEach((outcome, place) => answers.push({ stream, event: events[place]!, outcome }));
    // Else the log grows faster than a machine with other work moves it.
    await delay(5);
  }
  return answers;
}

/** What a reader of the log sees of a slot, to the head that it has when nothing is appended any more. */
async function follow(log: LogUnderTest, slot: number, done: AbortSignal): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let isLast = false; ;) {
    const page = await log.store.readSlot(slot, events.length, { limit: 50 });
    events.push(...page);
    if (page.length > 0) continue;
    const { positions } = await log.store.heads();
    if (isLast && positions[slot] === events.length) return events;
    isLast = done.aborted;
    await delay(1);
  }
}

/** Splits and drains what the slots are in, and is killed in the middle of most of it. Resolves to how often it was. */
async function operate(log: LogUnderTest): Promise<number> {
  let killed = 0;
  const operator = () => log.partitions({ chunkRows: 100 });
  const operations = [
    () => operator().split(0),
    () => operator().drain(0),
    () => operator().add(),
    () => operator().drain(32),
  ];
  for (const operation of operations) {
    for (let patience = 10; ; patience *= 2) {
      const dying = new AbortController();
      const kill = delay(patience, undefined, { signal: dying.signal }).then(
        () => log.killOperator(),
        () => undefined,
      );
      const error: unknown = await operation().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      dying.abort();
      await kill;
      if (error === undefined) break;
      if (!isUnreachable(error)) throw error;
      killed++;
    }
  }
  return killed;
}
