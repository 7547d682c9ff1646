import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase } from '#platform/testing';
import { MemoryEventStore } from './event-store.memory.ts';
import { PostgresEventStore } from './event-store.postgres.ts';
import type { Append, EventOutcome, EventStore } from './event-store.ts';
import type { NewEvent } from './recorded-event.ts';
import { slotOf } from './slot.ts';

interface Step {
  readonly stream: number;
  readonly rule: 'unchecked' | 'right version' | 'right guard' | 'version' | 'guard';
  readonly expected: number;
  readonly events: readonly { readonly id: number; readonly content: number; readonly lifecycle: boolean }[];
}

const event = fc.record({ id: fc.nat(11), content: fc.nat(3).map((n) => Math.max(0, n - 2)), lifecycle: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.record({
  stream: fc.nat(5),
  rule: fc.constantFrom('unchecked', 'unchecked', 'unchecked', 'right version', 'right guard', 'version', 'guard'),
  expected: fc.nat(4),
  events: fc.array(event, { minLength: 1, maxLength: 16 }),
});
/** Each inner list is sent at once, and so shares batches. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

/** Six streams in two slots of different lanes. */
function sixStreams(): string[] {
  const tag = randomUUID();
  const inSlot = (slot: number): string[] => {
    const found: string[] = [];
    for (let n = 0; found.length < 3; n++) if (slotOf(`run:${tag}/${n}`) === slot) found.push(`run:${tag}/${n}`);
    return found;
  };
  return [...inSlot(17), ...inSlot(42)];
}

describe('PostgreSQL and memory', () => {
  let dataSource: DataSource;
  let postgres: PostgresEventStore;
  beforeAll(async () => {
    dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
    postgres = new PostgresEventStore(dataSource);
  });
  afterAll(async () => {
    await postgres.close();
    await dataSource.destroy();
  });

  it('give the same outcome for any mix of appends, repeats, clashes and checks', { timeout: 120_000 }, async () => {
    const run = async (script: Step[][]): Promise<void> => {
      const streams = sixStreams();
      const ids = Array.from({ length: 12 }, () => randomUUID());
      const memory = new MemoryEventStore();
      for (const round of script) {
        const appends = await Promise.all(round.map((one) => appendOf(one, streams, ids, memory)));
        const outcomes = await Promise.all([memory, postgres].map((store) => outcomesOf(store, appends)));
        expect(outcomes[1]).toEqual(outcomes[0]);
      }
      for (const stream of streams) {
        expect(await contentOf(postgres, stream)).toEqual(await contentOf(memory, stream));
      }
      await requireGaplessSlots(postgres, [17, 42]);
    };
    await fc.assert(fc.asyncProperty(rounds, run), { numRuns: 60 });
  });
});

async function appendOf(one: Step, streams: string[], ids: string[], memory: EventStore): Promise<Append> {
  const stream = streams[one.stream]!;
  const head = await memory.readStream(stream, 0);
  const events = one.events.map(({ id, content, lifecycle }): NewEvent => ({
    eventId: ids[id]!,
    type: 'test.finished',
    at: 1,
    data: { content },
    detail: content === 1 ? { content } : undefined,
    lifecycle,
  }));
  const expected = {
    unchecked: undefined,
    'right version': { version: head.version },
    'right guard': { guard: head.guard },
    version: { version: one.expected },
    guard: { guard: one.expected },
  }[one.rule];
  return { stream, expected, events };
}

/** Without positions: those of two streams that share a slot may come in another order than their appends. */
async function outcomesOf(store: EventStore, appends: readonly Append[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(appends.map((append) => store.append(append)));
  return settled.map((one) =>
    one.status === 'fulfilled'
      ? one.value.map((outcome: EventOutcome) => ({ ...outcome, position: undefined }))
      : (one.reason as { code?: unknown }).code,
  );
}

async function contentOf(store: EventStore, stream: string): Promise<unknown> {
  const page = await store.readStream(stream, 0);
  const { events: lifecycle } = await store.readLifecycle(stream);
  return {
    version: page.version,
    guard: page.guard,
    events: page.events.map(({ version, eventId, dataJson }) => [version, eventId, dataJson]),
    lifecycle: lifecycle.map(({ version }) => version),
  };
}

async function requireGaplessSlots(store: EventStore, slots: readonly number[]): Promise<void> {
  const { positions } = await store.heads();
  for (const slot of slots) {
    const from = Math.max(0, positions[slot]! - 1_000);
    const events = await store.readSlot(slot, from, { limit: 1_000, maxBytes: 10_000_000 });
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => from + 1 + index));
    expect(from + events.length).toBe(positions[slot]);
  }
}
