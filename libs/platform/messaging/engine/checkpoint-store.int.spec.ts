import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { add, FoldingProjectors, foldOf, type Mishaps, streams } from './fixtures/folding-projectors.ts';
import { memoryLogBeside } from './fixtures/test-engine.ts';

Logger.overrideLogger(false);
const projectors = FoldingProjectors.onDatabaseOfFile();

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), stream: fc.nat(5), counted: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      stream: fc.nat(5),
      positions: fc.array(fc.nat(11), { minLength: 1, maxLength: 8 }),
      projector: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heads' as const), projector: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const) }) },
);

describe('two projectors on one database', () => {
  it('write every event once, whatever the feed does and whenever a connection is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60 }), async (script) => {
        const log = await memoryLogBeside(projectors.admin);
        const name = randomUUID();
        const mishaps: Mishaps = { lostAnswers: 0, failures: [] };
        const both = [await projectors.start(log, name, mishaps), await projectors.start(log, name, mishaps)];
        for (const step of script) {
          if (step.kind === 'append') await add(log, streams[step.stream]!, step.counted ? 'counted' : 'other');
          else if (step.kind === 'kill') await projectors.kill();
          else if (step.kind === 'lose answer') mishaps.lostAnswers += 1;
          else if (step.kind === 'abort') mishaps.failures.push('40001');
          else if (step.kind === 'heads') both[step.projector]!.engine.noteHeads((await log.heads()).positions);
          else {
            const events = await log.readSlot(slotOf(streams[step.stream]!), 0);
            const page = step.positions.flatMap((position) => events[position % events.length] ?? []);
            await both[step.projector]!.engine.offer(page);
          }
        }
        const expected = await foldOf(log);
        await eventually(
          async () => {
            for (const { engine } of both) engine.noteHeads((await log.heads()).positions);
            expect(await projectors.rowsOf(name)).toEqual(expected);
          },
          { message: 'the rows catch up with the log', within: 10_000 },
        );
        await projectors.stop();
        expect(await projectors.rowsOf(name)).toEqual(expected);
        expect(await projectors.admin.query('select * from parked_streams where projection = $1', [name])).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
