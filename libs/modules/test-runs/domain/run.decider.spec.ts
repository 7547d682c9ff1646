import { describe, expect, it } from 'vitest';
import type { ClaimedStatus, LifecycleEvent, RunDescription } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { lifecycleEventId } from './identity.ts';
import {
  type Decision,
  decideCancelRun,
  decideFinishRun,
  decideFinishShard,
  decideOpenRun,
  decideStartRun,
  decideStartShard,
  variantOfShard,
} from './run.decider.ts';
import { type RunState, evolveRun, initialRun } from './run.ts';
import { maxShards } from './shards.ts';

const ref = { projectId: 'shop', runId: 'r1' };
const now = 1000;

// Facts, at offsets 1, 2, 3 …
const begun = (implicit = false): LifecycleEvent => ({ type: 'run.started', at: 1, data: { ...ref, implicit } });
const described = (data: RunDescription): LifecycleEvent => ({ type: 'run.described', at: 1, data });
const rerunSeen = (rerun: number): LifecycleEvent => ({ type: 'rerun.started', at: 1, data: { rerun } });
const up = (
  shardId: string,
  { rerun = 1, variant = '', ...rest }: { rerun?: number; variant?: string; total?: number } = {},
): LifecycleEvent => ({
  type: 'shard.started',
  at: 1,
  data: { shardId, rerun, variant, ...rest },
});
const down = (shardId: string, rerun = 1): LifecycleEvent => ({
  type: 'shard.finished',
  at: 1,
  data: { shardId, rerun },
});
const ended = (status?: ClaimedStatus): LifecycleEvent => ({
  type: 'run.finished',
  at: 1,
  data: status ? { status } : {},
});
const cancelled: LifecycleEvent = { type: 'run.cancelled', at: 1, data: {} };
const interrupted: LifecycleEvent = { type: 'run.interrupted', at: 1, data: { reason: 'quiet' } };
const reopened = (rerun: number): LifecycleEvent => ({ type: 'run.reopened', at: 1, data: { reason: 'rerun', rerun } });

// Commands
type When = (state: RunState) => Decision;
const start =
  (description: RunDescription = {}): When =>
  (state) =>
    decideStartRun(state, { ...ref, description, now });
const open =
  (rerun = 1): When =>
  (state) =>
    decideOpenRun(state, { ...ref, rerun, now });
const announce =
  (shardId: string, given: { rerun?: number; variant?: string; total?: number; itemId?: string } = {}): When =>
  (state) =>
    decideStartShard(state, { ...ref, at: 900, now, data: { shardId, rerun: 1, variant: '', ...given } });
const complete =
  (shardId: string, rerun = 1): When =>
  (state) =>
    decideFinishShard(state, { ...ref, at: 900, now, data: { shardId, rerun } });
const finish =
  (status?: ClaimedStatus): When =>
  (state) =>
    decideFinishRun(state, { status, now });
const cancel = (): When => (state) => decideCancelRun(state, { now });

// Outcomes
interface Then {
  events?: readonly object[];
  /** The answer is an offset that was there before. */
  offset?: number;
  subject?: number;
  error?: { code: string; details?: unknown };
}
const nothingBut = (offset: number): Then => ({ events: [], offset });
const refused = (code: string, details?: unknown): Then => ({
  error: { code, ...(details === undefined ? {} : { details }) },
});

function stateOf(facts: readonly LifecycleEvent[]): RunState {
  return facts.reduce((state, fact, at) => evolveRun(state, { ...fact, offset: at + 1 }), initialRun);
}

function outcomeOf(given: readonly LifecycleEvent[], when: When): Then {
  try {
    const { events, offset, subject } = when(stateOf(given));
    return { events, ...(offset === undefined ? { subject } : { offset }) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refused(error.code, error.details);
  }
}

type Case = readonly [title: string, given: readonly LifecycleEvent[], when: When, then: Then];
function cases(title: string, table: readonly Case[]): void {
  describe(title, () => {
    it.each(table)('%s', (_, given, when, then) => {
      expect(outcomeOf(given, when)).toMatchObject(then);
    });
  });
}

const runStarted = (implicit: boolean) => ({ type: 'run.started', at: now, data: { ...ref, implicit } });
const runFinished = { type: 'run.finished', at: now, data: {} };
const shardStarted = (shardId: string, rerun = 1) => ({ type: 'shard.started', at: 900, data: { shardId, rerun } });
const shardFinished = (shardId: string, rerun = 1) => ({ type: 'shard.finished', at: 900, data: { shardId, rerun } });

cases('starting a run', [
  ['a run that nobody knows starts', [], start(), { events: [runStarted(false)], subject: 0 }],
  [
    'what is told at the start is an event of its own',
    [],
    start({ branch: 'main' }),
    { events: [runStarted(false), { type: 'run.described', at: now, data: { branch: 'main' } }], subject: 0 },
  ],
  ['who comes second joins', [begun()], start(), nothingBut(1)],
  [
    'who joins fills in what is not yet known, and what is stays',
    [begun(), described({ branch: 'main' })],
    start({ branch: 'other', commit: 'abc' }),
    { events: [{ type: 'run.described', data: { commit: 'abc' } }], offset: 1 },
  ],
  [
    'who joins with nothing new changes nothing',
    [begun(), described({ branch: 'main' })],
    start({ branch: 'other' }),
    nothingBut(1),
  ],
  ['a field without a value is not known', [begun()], start({ branch: undefined }), nothingBut(1)],
  [
    'a run that results have begun is described by who starts it',
    [begun(true)],
    start({ name: 'nightly' }),
    { events: [{ type: 'run.described', data: { name: 'nightly' } }], offset: 1 },
  ],
  [
    'a run that has ended is still described, and stays ended',
    [begun(), ended()],
    start({ name: 'nightly' }),
    { events: [{ type: 'run.described', data: { name: 'nightly' } }], offset: 1 },
  ],
]);

cases('results on their way to a run', [
  ['begin it when nobody has', [], open(), { events: [runStarted(true)] }],
  [
    'begin it and tell their rerun',
    [],
    open(7),
    { events: [runStarted(true), { type: 'rerun.started', at: now, data: { rerun: 7 } }] },
  ],
  ['find it open', [begun()], open(), nothingBut(1)],
  [
    'tell a rerun that an open run has not seen',
    [begun()],
    open(2),
    { events: [{ type: 'rerun.started', data: { rerun: 2 } }] },
  ],
  ['find it in a rerun that was told', [begun(), rerunSeen(2)], open(2), nothingBut(1)],
  ['are late after the end', [begun(), ended()], open(), nothingBut(1)],
  ['are late after a cancel', [begun(), cancelled], open(), nothingBut(1)],
  ['are late in a rerun that took part before the end', [begun(), rerunSeen(2), ended()], open(2), nothingBut(1)],
  [
    'are late in a rerun that one of its shards has told',
    [begun(), up('a', { rerun: 2 }), ended()],
    open(2),
    nothingBut(1),
  ],
  [
    'open it again in a new rerun',
    [begun(), ended()],
    open(2),
    { events: [{ type: 'run.reopened', at: now, data: { reason: 'rerun', rerun: 2 } }] },
  ],
  [
    'open it again in a new rerun after a cancel',
    [begun(), cancelled],
    open(2),
    { events: [{ type: 'run.reopened' }] },
  ],
  [
    'open it again in a new rerun after an interruption',
    [begun(), interrupted],
    open(2),
    { events: [{ type: 'run.reopened' }] },
  ],
  ['find it open in the rerun that opened it again', [begun(), ended(), reopened(2)], open(2), nothingBut(1)],
  [
    'are late in the rerun that opened it again, once that has ended too',
    [begun(), ended(), reopened(2), ended()],
    open(2),
    nothingBut(1),
  ],
  [
    'open it a third time',
    [begun(), ended(), reopened(2), ended()],
    open(3),
    { events: [{ type: 'run.reopened', data: { rerun: 3 } }] },
  ],
  [
    'of a lower rerun that nobody has seen are new too',
    [begun(), rerunSeen(1002), ended()],
    open(1001),
    { events: [{ type: 'run.reopened' }] },
  ],
]);

cases('a shard that announces itself', [
  ['is noted', [begun()], announce('a'), { events: [shardStarted('a')], subject: 0 }],
  ['begins a run that nobody has', [], announce('a'), { events: [runStarted(true), shardStarted('a')], subject: 1 }],
  ['a second time in the same words is known', [begun(), up('a')], announce('a'), nothingBut(2)],
  ['a second time under another item id is known', [begun(), up('a')], announce('a', { itemId: 'x' }), nothingBut(2)],
  [
    'a second time in other words is refused',
    [begun(), up('a')],
    announce('a', { total: 4 }),
    refused('item.conflict', { offset: 2 }),
  ],
  [
    'in another rerun is another execution',
    [begun(), up('a')],
    announce('a', { rerun: 2 }),
    { events: [shardStarted('a', 2)] },
  ],
  [
    'for the first time after the end opens the run again',
    [begun(), up('a'), down('a'), ended()],
    announce('b'),
    {
      events: [{ type: 'run.reopened', at: now, data: { reason: 'shard', shardId: 'b', rerun: 1 } }, shardStarted('b')],
      subject: 1,
    },
  ],
  [
    'in a new rerun after the end opens the run again',
    [begun(), up('a'), down('a'), ended()],
    announce('a', { rerun: 2 }),
    {
      events: [{ type: 'run.reopened', data: { reason: 'rerun', rerun: 2, shardId: 'a' } }, shardStarted('a', 2)],
      subject: 1,
    },
  ],
  [
    'again after the end, in the same words, is known',
    [begun(), up('a'), down('a'), ended()],
    announce('a'),
    nothingBut(2),
  ],
  [
    'after the end, having finished before it, does not open the run again',
    [begun(), down('a'), ended()],
    announce('a'),
    { events: [shardStarted('a')] },
  ],
  [
    'after it has finished ends the run if it was the last',
    [begun(), down('a')],
    announce('a'),
    { events: [shardStarted('a'), runFinished], subject: 0 },
  ],
  [
    'after it has finished leaves the run open while others are missing',
    [begun(), down('a')],
    announce('a', { total: 2 }),
    { events: [shardStarted('a')] },
  ],
  [
    'after a cancel opens the run again',
    [begun(), cancelled],
    announce('a'),
    { events: [{ type: 'run.reopened' }, shardStarted('a')] },
  ],
  [
    'is refused when there are too many',
    [begun(), ...Array.from({ length: maxShards }, (_, at) => up(`s${at}`))],
    announce('one-more'),
    refused('item.invalid', { limit: maxShards }),
  ],
]);

cases('a shard that has finished', [
  [
    'ends the run when it was the only one',
    [begun(), up('a')],
    complete('a'),
    { events: [shardFinished('a'), runFinished], subject: 0 },
  ],
  [
    'ends the run when the others have',
    [begun(), up('a'), up('b'), down('a')],
    complete('b'),
    { events: [shardFinished('b'), runFinished] },
  ],
  [
    'leaves the run open while another runs',
    [begun(), up('a'), up('b')],
    complete('a'),
    { events: [shardFinished('a')] },
  ],
  [
    'leaves the run open while fewer have come than the total says',
    [begun(), up('a', { total: 2 })],
    complete('a'),
    { events: [shardFinished('a')] },
  ],
  [
    'ends the run when as many have come as the total says',
    [begun(), up('a', { total: 2 }), down('a'), up('b', { total: 2 })],
    complete('b'),
    { events: [shardFinished('b'), runFinished] },
  ],
  [
    'believes the higher of two totals',
    [begun(), up('a', { total: 2 }), up('b', { total: 3 }), down('a')],
    complete('b'),
    { events: [shardFinished('b')] },
  ],
  ['a second time is known', [begun(), up('a'), down('a'), ended()], complete('a'), nothingBut(3)],
  ['without having announced itself does not end the run', [begun()], complete('a'), { events: [shardFinished('a')] }],
  [
    'without having announced itself begins a run that nobody has',
    [],
    complete('a'),
    { events: [runStarted(true), shardFinished('a')], subject: 1 },
  ],
  [
    'after the end is kept and ends nothing',
    [begun(), up('a'), ended('passed')],
    complete('a'),
    { events: [shardFinished('a')] },
  ],
  [
    'after a cancel is kept and ends nothing',
    [begun(), up('a'), cancelled],
    complete('a'),
    { events: [shardFinished('a')] },
  ],
  [
    'after an interruption ends the run after all',
    [begun(), up('a'), interrupted],
    complete('a'),
    { events: [shardFinished('a'), runFinished] },
  ],
  [
    'in a rerun of one job ends the run again',
    [
      begun(),
      up('a', { total: 2 }),
      up('b', { total: 2 }),
      down('a'),
      down('b'),
      ended(),
      reopened(2),
      up('b', { rerun: 2, total: 2 }),
    ],
    complete('b', 2),
    { events: [shardFinished('b', 2), runFinished] },
  ],
  [
    'in a rerun stands for its execution that died',
    [begun(), up('a'), up('b'), down('a'), interrupted, reopened(2), up('b', { rerun: 2 })],
    complete('b', 2),
    { events: [shardFinished('b', 2), runFinished] },
  ],
  [
    'in a rerun with fewer jobs needs no more than those',
    [
      begun(),
      up('a', { total: 5 }),
      interrupted,
      reopened(2),
      up('a', { rerun: 2, total: 2 }),
      up('b', { rerun: 2, total: 2 }),
      down('a', 2),
    ],
    complete('b', 2),
    { events: [shardFinished('b', 2), runFinished] },
  ],
  [
    'in an old rerun does not end the run while the new one runs',
    [begun(), up('a'), reopened(2), up('a', { rerun: 2 })],
    complete('a', 1),
    { events: [shardFinished('a', 1)] },
  ],
]);

cases('finishing a run', [
  ['ends it', [begun()], finish(), { events: [runFinished], subject: 0 }],
  [
    'keeps what the sender claims',
    [begun()],
    finish('failed'),
    { events: [{ type: 'run.finished', data: { status: 'failed' } }] },
  ],
  ['ends it while shards are open', [begun(), up('a')], finish(), { events: [runFinished] }],
  ['again answers the first offset', [begun(), ended()], finish(), nothingBut(2)],
  ['again with the same claim answers the first offset', [begun(), ended('passed')], finish('passed'), nothingBut(2)],
  [
    'with another claim is refused',
    [begun(), ended('passed')],
    finish('failed'),
    refused('run.already-ended', { offset: 2 }),
  ],
  [
    'with a claim after an end without one is refused',
    [begun(), ended()],
    finish('failed'),
    refused('run.already-ended', { offset: 2 }),
  ],
  ['after a cancel is refused', [begun(), cancelled], finish(), refused('run.already-ended', { offset: 2 })],
  [
    'goes over an interruption',
    [begun(), interrupted],
    finish('passed'),
    { events: [{ type: 'run.finished', data: { status: 'passed' } }] },
  ],
  ['that was opened again ends it again', [begun(), ended(), reopened(2)], finish(), { events: [runFinished] }],
  [
    'that has ended twice answers the offset of its last end',
    [begun(), ended(), reopened(2), ended()],
    finish(),
    nothingBut(4),
  ],
  ['of which nobody has heard is refused', [], finish(), refused('run.unknown')],
]);

cases('cancelling a run', [
  ['stops it', [begun()], cancel(), { events: [{ type: 'run.cancelled', at: now, data: {} }], subject: 0 }],
  ['again answers the first offset', [begun(), cancelled], cancel(), nothingBut(2)],
  ['that has finished is refused', [begun(), ended()], cancel(), refused('run.already-ended', { offset: 2 })],
  ['that was interrupted is refused', [begun(), interrupted], cancel(), refused('run.already-ended', { offset: 2 })],
  [
    'that was opened again stops it',
    [begun(), cancelled, reopened(2)],
    cancel(),
    { events: [{ type: 'run.cancelled' }] },
  ],
  ['of which nobody has heard is refused', [], cancel(), refused('run.unknown')],
]);

describe('the variant of a shard', () => {
  it.each<[string, LifecycleEvent[], number, string | undefined]>([
    ['is what it announced', [up('a', { variant: 'firefox' })], 1, 'firefox'],
    [
      'is what it announced for this rerun',
      [up('a', { variant: 'firefox' }), up('a', { rerun: 2, variant: 'webkit' })],
      1,
      'firefox',
    ],
    [
      'is what it announced last, where it has not for this rerun',
      [up('a', { variant: 'firefox' }), up('a', { rerun: 2, variant: 'webkit' })],
      3,
      'webkit',
    ],
    ['is not known before it has announced itself', [down('a')], 1, undefined],
  ])('%s', (_, given, rerun, variant) => {
    expect(variantOfShard(stateOf(given), 'a', rerun)).toBe(variant);
  });
});

describe('the id of a lifecycle event', () => {
  const id = (event: LifecycleEvent, opening = 1) => lifecycleEventId('run:shop/r1', event, opening);

  it('is one for each run, whoever starts it', () => {
    expect(id(begun(true))).toBe(id(begun(false)));
  });

  it('tells ends with different claims apart, so that the second of two senders learns that it lost', () => {
    expect(id(ended('passed'))).not.toBe(id(ended('failed')));
  });

  it('tells the ends of two openings apart', () => {
    expect(id(ended(), 2)).not.toBe(id(ended(), 1));
  });

  it('does not depend on the clock', () => {
    expect(id({ ...ended(), at: 5 })).toBe(id({ ...ended(), at: 6 }));
  });
});
