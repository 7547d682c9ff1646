import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryEventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import type { ProjectionContext } from '../projection.ts';
import { MemoryBuildStore } from './build-store.memory.ts';
import { TransientFailure } from './checkpoint-store.ts';
import { MemoryCheckpointStore, type MemoryTransaction } from './checkpoint-store.memory.ts';
import { newTestMetrics, streamsInPairs } from './fixtures/test-engine.ts';
import { ProjectionEngine } from './projection-engine.ts';
import type { ProjectionHandler } from './projection-handler.ts';

Logger.overrideLogger(false);
const streams = streamsInPairs(3);
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A projection whose rows say which version of the code wrote them, on a machine where processes come and go. */
function newTestProjection() {
  const log = new MemoryEventStore();
  const checkpoints = new MemoryCheckpointStore(log);
  const builds = new MemoryBuildStore(checkpoints);
  const tables = new Map<string, Map<string, string[]>>();
  const poison = new Set<string>();
  /** What filling a new build waits for. */
  const filling = { gate: Promise.resolve(), waiting: false };
  const handler = (version: number): ProjectionHandler => ({
    name: 'versions',
    version,
    events: ['counted'],
    tables: { versions: { create: () => '' } },
    async apply(batch: readonly RecordedEvent[], { tx, table }: ProjectionContext) {
      const name = table('versions');
      if (!name.endsWith('_v1')) {
        filling.waiting = true;
        await filling.gate;
      }
      for (const { stream, version: at } of batch) {
        if (poison.has(`${stream}@${at}`)) throw new Error('poison');
        (tx as unknown as MemoryTransaction).write(() => {
          const rows = tables.get(name) ?? new Map<string, string[]>();
          tables.set(name, rows.set(stream, [...(rows.get(stream) ?? []), `${version}:${at}`]));
        });
      }
    },
  });
  const start = async (version: number) => {
    const options = { pauseMs: 0, retryMs: () => 0, holeAfterMs: 0, watchEveryMs: 1, builds };
    const engine = new ProjectionEngine(log, checkpoints, newTestMetrics(), { now: () => Date.now() }, options);
    stops.push(() => engine.stop());
    await engine.start([handler(version)]);
    return engine;
  };
  const append = async (stream: string, type = 'counted', data: object = {}) => {
    await log.append({ stream, events: [{ eventId: randomUUID(), type, at: 0, data }] });
  };
  /** What queries see. */
  const rows = () => tables.get(`versions_v${builds.live('versions')}`) ?? new Map<string, string[]>();
  const fold = async (version: number) => {
    const expected = new Map<string, string[]>();
    for (const stream of streams) {
      const { events } = await log.readStream(stream, 0);
      const counted = events.filter(({ type }) => type === 'counted').map((event) => `${version}:${event.version}`);
      if (counted.length > 0) expected.set(stream, counted);
    }
    return expected;
  };
  return { log, checkpoints, builds, tables, poison, filling, start, append, rows, fold };
}

async function fed(log: MemoryEventStore, engine: ProjectionEngine): Promise<void> {
  engine.noteHeads((await log.heads()).positions);
}

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), stream: fc.nat(5), counted: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('offer' as const), stream: fc.nat(5), engine: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('heads' as const, 'restart' as const), engine: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('order' as const, 'release' as const, 'pause' as const),
      engine: fc.nat(1),
    }),
  },
);

describe('a rebuild', () => {
  it('ends with the rows of the newest code, whatever fails, restarts or is ordered on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 50 }), async (script) => {
        const { log, checkpoints, builds, start, append, rows, fold } = newTestProjection();
        const failures: ('before' | 'after')[] = [];
        checkpoints.interrupt = (when) => {
          if (failures[0] !== when) return;
          failures.shift();
          throw new TransientFailure(new Error(`lost ${when} the commit`));
        };
        let newest = 1;
        const engines = [await start(newest), await start(newest)];
        for (const step of script) {
          if (step.kind === 'append') await append(streams[step.stream]!, step.counted ? 'counted' : 'other');
          else if (step.kind === 'fail') failures.push(step.when);
          else if (step.kind === 'order') await builds.order('versions').catch(() => undefined);
          // The next restarts bring it: until both have it, the old release goes on beside the new one.
          else if (step.kind === 'release') newest += 1;
          else if (step.kind === 'pause') await new Promise((resolve) => setTimeout(resolve, 2));
          else if (step.kind === 'heads') await fed(log, engines[step.engine]!);
          else if (step.kind === 'offer')
            await engines[step.engine]!.offer(await log.readSlot(slotOf(streams[step.stream]!), 0));
          else {
            await engines[step.engine]!.stop();
            engines[step.engine] = await start(newest);
          }
        }
        await engines[0]!.stop();
        engines[0] = await start(newest);
        const expected = await fold(newest);
        await eventually(
          async () => {
            for (const engine of engines) await fed(log, engine);
            expect(rows()).toEqual(expected);
          },
          { every: 1, message: 'the rows are those of the newest code' },
        );
        await Promise.all(engines.map((engine) => engine.stop()));
        expect(rows()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('leaves the live rows alone until its own are at or past them', async () => {
    const { log, builds, tables, append, start, rows, fold } = newTestProjection();
    const engine = await start(1);
    for (let n = 0; n < 30; n++) await append(streams[n % 6]!);
    const caughtUp = async () => {
      await fed(log, engine);
      expect(rows()).toEqual(await fold(1));
    };
    await eventually(caughtUp, { every: 1 });
    await builds.order('versions');
    for (let n = 0; n < 50; n++) {
      await append(streams[n % 6]!);
      await fed(log, engine);
      await new Promise((resolve) => setTimeout(resolve, 0));
      // Of each stream there were five before, in whichever tables.
      expect([...rows().values()].every(({ length }) => length >= 5)).toBe(true);
    }
    await eventually(() => expect(builds.live('versions')).toBe(2), { every: 1 });
    await eventually(caughtUp, { every: 1 });
    expect([...tables.keys()]).toEqual(['versions_v1', 'versions_v2']);
  });

  it('does not hold the feed up, however much of the log it has read and not applied yet', async () => {
    const { log, builds, filling, append, start, rows } = newTestProjection();
    const text = 'x'.repeat(256 * 1024);
    const many = streamsInPairs(6);
    for (const stream of many) for (let n = 0; n < 7; n++) await append(stream, 'counted', { text });
    const engine = await start(1);
    await eventually(() => expect([...rows().values()].flat()).toHaveLength(7 * many.length));
    let open = () => {};
    filling.gate = new Promise((resolve) => (open = resolve));
    await builds.order('versions');
    await eventually(() => expect(filling.waiting).toBe(true));
    const before = (await log.heads()).positions[slotOf(many[0]!)]!;
    let offered = 0;
    const offering = (async () => {
      for (; offered < 3; offered++) {
        await append(many[0]!);
        await engine.offer(await log.readSlot(slotOf(many[0]!), before + offered));
      }
    })();
    try {
      await eventually(() => expect(offered).toBe(3));
    } finally {
      open();
    }
    await offering;
    await eventually(() => expect(builds.live('versions')).toBe(2));
    await eventually(() => expect(rows().get(many[0]!)).toHaveLength(10));
  });

  it('passes over events whose data was erased, as what is live does', async () => {
    const { builds, log, append, start, rows } = newTestProjection();
    await append(streams[0]!);
    await append(streams[0]!, 'counted', { erased: true });
    await append(streams[0]!);
    const engine = await start(1);
    await eventually(() => expect(rows().get(streams[0]!)).toEqual(['1:1', '1:3']));
    await builds.order('versions');
    await eventually(() => expect(builds.live('versions')).toBe(2));
    await fed(log, engine);
    expect(rows().get(streams[0]!)).toEqual(['1:1', '1:3']);
  });

  it('does not bring back an event that was discarded, as long as it cannot be applied', async () => {
    const { log, builds, poison, append, start, rows } = newTestProjection();
    poison.add(`${streams[0]!}@2`);
    for (let n = 0; n < 3; n++) await append(streams[0]!);
    const engine = await start(1);
    await eventually(async () => expect(await engine.parkedStreams('versions')).toHaveLength(1));
    await engine.replayParked('versions', streams[0]!, { discard: true });
    await builds.order('versions');
    await eventually(() => expect(builds.live('versions')).toBe(2));
    await fed(log, engine);
    expect(rows().get(streams[0]!)).toEqual(['1:1', '1:3']);
    await eventually(async () => expect(await engine.parkedStreams('versions')).toEqual([]));
  });

  it('is left to the newer code: an older process writes nothing, and says why', async () => {
    const { start } = newTestProjection();
    const newer = await start(2);
    expect(newer.complaints()).toEqual([]);
    const older = await start(1);
    expect(older.complaints()).toEqual(['versions has rows of version 2, and this process writes version 1']);
  });
});
