import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../event-store.memory.ts';
import type { Append, EventOutcome, EventStore } from '../event-store.ts';
import type { NewEvent, RecordedEvent } from '../recorded-event.ts';
import { slotOf } from '../slot.ts';
import { isUnreachable } from '../unreachable.ts';
import { LogUnderTest, streamIn } from './fixtures/log-under-test.ts';
import { SteppedOperator } from './fixtures/stepped-operator.ts';

const event = fc.record({ id: fc.nat(15), content: fc.nat(3).map((n) => Math.max(0, n - 2)), lifecycle: fc.boolean() });
const append = fc.record({
  stream: fc.nat(5),
  rule: fc.constantFrom('unchecked', 'unchecked', 'right version', 'right guard', 'wrong guard'),
  events: fc.array(event, { minLength: 1, maxLength: 8 }),
});
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('append'), appends: fc.array(append, { minLength: 1, maxLength: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('read'), bytes: fc.constantFrom(1, 200, 100_000) }) },
  { weight: 7, arbitrary: fc.record({ does: fc.constant('step'), times: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('begin'),
      operation: fc.constantFrom('split', 'split', 'drain', 'drain', 'add'),
      slot: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('kill') }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

describe('a log whose partitions change', () => {
  let log: LogUnderTest;
  beforeAll(async () => {
    log = await LogUnderTest.open();
  });
  afterAll(() => log?.close());

  it('is the log that an unpartitioned one is, at every step and after every kill', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40 }), async (script) => {
        // Two slots of one partition, so that a split has two to part.
        const scene = await Scene.open(log, (await partitionWithTwoSlots(log)).slice(0, 2));
        for (const one of script) await scene.play(one);
        await scene.end();
      }),
      { numRuns: 15 },
    );
  });
});

async function partitionWithTwoSlots(log: LogUnderTest): Promise<number[]> {
  for (const { partition } of await log.partitions().statistics()) {
    const slots = await log.slotsOf(partition);
    if (slots.length > 1) return slots;
  }
  throw new Error('no partition has two slots');
}

/** One script: six streams in two slots, an operator who stops at every step, and a reader of each slot. */
class Scene {
  private readonly memory = new MemoryEventStore();
  private readonly ids = Array.from({ length: 16 }, () => randomUUID());
  private readonly streams: readonly string[];
  private readonly read = new Map<number, RecordedEvent[]>();
  private readonly operator: SteppedOperator;

  private constructor(
    private readonly log: LogUnderTest,
    private readonly slots: readonly number[],
    private readonly from: readonly number[],
  ) {
    this.streams = [0, 0, 0, 1, 1, 1].map((which) => streamIn(slots[which]!));
    this.operator = new SteppedOperator(log, { chunkRows: 3 });
    for (const slot of slots) this.read.set(slot, []);
  }

  static async open(log: LogUnderTest, slots: readonly number[]): Promise<Scene> {
    return new Scene(log, slots, (await log.store.heads()).positions);
  }

  async play(action: Action): Promise<void> {
    if (action.does === 'append') return this.append(action.appends!);
    if (action.does === 'read') return this.readOn(action.bytes!);
    if (action.does === 'begin') return this.begin(action.operation!, this.slots[action.slot!]!);
    if (!this.operator.isRunning) return;
    if (action.does === 'kill') {
      const error = await this.operator.kill();
      expect(error === undefined || isUnreachable(error)).toBe(true);
      return;
    }
    for (let left = action.times!; left > 0 && this.operator.isRunning; left--) await this.operator.step();
  }

  async end(): Promise<void> {
    await this.operator.toTheEnd();
    await this.log.partitions().resume();
    await this.readOn(16_000_000);
    const { positions } = await this.log.store.heads();
    for (const [slot, events] of this.read) {
      const expected = Array.from({ length: positions[slot]! - this.from[slot]! }, (_, n) => this.from[slot]! + n + 1);
      expect(events.map(({ position }) => position)).toEqual(expected);
    }
    for (const stream of this.streams) {
      expect(await contentOf(this.log.store, stream)).toEqual(await contentOf(this.memory, stream));
      // What a slot's reader has seen of a stream is the stream.
      const seen = this.read.get(slotOf(stream))!.filter((event) => event.stream === stream);
      expect(seen).toEqual((await this.log.store.readStream(stream, 0)).events);
    }
    expect(await this.log.verify()).toEqual([]);
  }

  private async begin(operation: 'split' | 'drain' | 'add', slot: number): Promise<void> {
    if (this.operator.isRunning) return;
    const { partition } = await this.log.partitionOf(slot);
    try {
      await this.operator.begin(operation, partition);
    } catch (error) {
      // Splits end at one slot a partition; and what was left to finish may have drained this one.
      expect(error).toMatchObject({ code: 'request.invalid' });
    }
  }

  private async append(appends: readonly (typeof append extends fc.Arbitrary<infer A> ? A : never)[]): Promise<void> {
    const made = await Promise.all(
      appends.map(async ({ stream: index, rule, events }): Promise<Append> => {
        const stream = this.streams[index]!;
        const { version, guard } = await this.memory.readStream(stream, 0);
        const expected = {
          unchecked: undefined,
          'right version': { version },
          'right guard': { guard },
          'wrong guard': { guard: guard + 1 },
        }[rule];
        return { stream, expected, events: events.map((one) => this.eventOf(one)) };
      }),
    );
    const outcomes = await Promise.all([this.memory, this.log.store].map((store) => outcomesOf(store, made)));
    expect(outcomes[1]).toEqual(outcomes[0]);
  }

  private eventOf({ id, content, lifecycle }: { id: number; content: number; lifecycle: boolean }): NewEvent {
    return { eventId: this.ids[id]!, type: 'test.finished', at: 1, data: { content }, lifecycle };
  }

  private async readOn(maxBytes: number): Promise<void> {
    for (const [slot, events] of this.read) {
      const after = events.at(-1)?.position ?? this.from[slot]!;
      events.push(...(await this.log.store.readSlot(slot, after, { maxBytes })));
    }
    for (const stream of this.streams) {
      expect(await contentOf(this.log.store, stream)).toEqual(await contentOf(this.memory, stream));
    }
  }
}

/** Without positions: those of two streams that share a slot may come in another order than their appends. */
async function outcomesOf(store: EventStore, appends: readonly Append[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(appends.map((one) => store.append(one)));
  return settled.map((one) =>
    one.status === 'fulfilled'
      ? one.value.map((outcome: EventOutcome) => ({ ...outcome, position: undefined }))
      : (one.reason as { code?: unknown }).code,
  );
}

async function contentOf(store: EventStore, stream: string): Promise<unknown> {
  const page = await store.readStream(stream, 0);
  const { events: lifecycle } = await store.readLifecycle(stream);
  const details = await store.readDetails(
    stream,
    page.events.map(({ version }) => version),
  );
  return {
    version: page.version,
    guard: page.guard,
    events: page.events.map(({ version, eventId, dataJson }) => [version, eventId, dataJson]),
    lifecycle: lifecycle.map(({ version }) => version),
    details: details.map(({ version }) => version),
  };
}
