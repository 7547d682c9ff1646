import { describe, expect, it } from 'vitest';
import type { LifecycleEvent } from '@testcast/contracts';
import {
  type Case,
  begun,
  up,
  down,
  ended,
  cancelled,
  interrupted,
  reopened,
  announce,
  complete,
  nothingBut,
  refused,
  stateOf,
  outcomeOf,
  runStarted,
  runFinished,
  shardStarted,
  shardFinished,
  now,
} from './fixtures/run-cases.ts';
import { variantOfShard } from './run.decider.ts';
import { maxShards } from './shards.ts';

describe('a shard that announces itself', () => {
  it.each<Case>([
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
        events: [
          { type: 'run.reopened', at: now, data: { reason: 'shard', shardId: 'b', rerun: 1 } },
          shardStarted('b'),
        ],
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});

describe('a shard that has finished', () => {
  it.each<Case>([
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
    [
      'without having announced itself does not end the run',
      [begun()],
      complete('a'),
      { events: [shardFinished('a')] },
    ],
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});

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
