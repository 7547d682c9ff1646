import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evolveRun, evolveRunBy, initialRun, type RunFact } from './run.ts';

const shard = { shardId: fc.constantFrom('a', 'b', 'c'), rerun: fc.integer({ min: 1, max: 3 }) };
const fact = fc.oneof(
  fc.record({ type: fc.constant('shard.started'), data: fc.record({ ...shard, total: fc.constant(3) }) }),
  fc.record({ type: fc.constant('shard.finished'), data: fc.record(shard) }),
  fc.record({ type: fc.constant('rerun.started'), data: fc.record({ rerun: shard.rerun }) }),
  fc.record({ type: fc.constant('run.described'), data: fc.record({ name: fc.string() }) }),
  fc.record({ type: fc.constant('run.reopened'), data: fc.record({ rerun: shard.rerun }) }),
  fc.record({
    type: fc.constantFrom('run.started', 'run.cancelled', 'run.finished', 'run.erased'),
    data: fc.constant({}),
  }),
);

it('many facts at once make the same run as one after another, and leave what there was as it was', () => {
  fc.assert(
    fc.property(fc.array(fact), fc.array(fact), (before, after) => {
      const facts = [...before, ...after].map(
        (each, index) => ({ ...each, at: 1, offset: index + 1 }) as unknown as RunFact,
      );
      const one = facts.reduce(evolveRun, initialRun);
      const middle = evolveRunBy(initialRun, facts.slice(0, before.length));
      const copy = structuredClone(middle);
      expect(evolveRunBy(middle, facts.slice(before.length))).toEqual(one);
      expect(middle).toEqual(copy);
      expect(initialRun).toEqual(structuredClone(initialRun));
    }),
  );
});

it('two thousand shards are folded in no time', () => {
  const facts = Array.from({ length: 20_000 }, (_, index) => ({
    type: 'shard.started',
    at: 1,
    offset: index + 1,
    data: { shardId: `s${index}`, rerun: 1, variant: '' },
  })) as unknown as RunFact[];
  // Copied with every fact these would be two hundred million entries, and a minute.
  expect(evolveRunBy(initialRun, facts).shards.size).toBe(20_000);
});
