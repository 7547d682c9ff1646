import { describe, expect, it } from 'vitest';
import {
  type Case,
  begun,
  described,
  rerunSeen,
  up,
  ended,
  cancelled,
  interrupted,
  reopened,
  start,
  open,
  nothingBut,
  outcomeOf,
  runStarted,
  now,
} from './fixtures/run-cases.ts';

describe('starting a run', () => {
  it.each<Case>([
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});

describe('results on their way to a run', () => {
  it.each<Case>([
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});
