import { describe, expect, it } from 'vitest';
import {
  type Case,
  begun,
  up,
  ended,
  cancelled,
  interrupted,
  reopened,
  finish,
  cancel,
  fallSilent,
  nothingBut,
  refused,
  outcomeOf,
  runFinished,
  now,
} from './fixtures/run-cases.ts';

describe('finishing a run', () => {
  it.each<Case>([
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});

describe('cancelling a run', () => {
  it.each<Case>([
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
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});

describe('a run that has gone quiet', () => {
  const runInterrupted = { type: 'run.interrupted', at: now, data: { reason: 'quiet' } };
  it.each<Case>([
    [
      'is interrupted when something is missing',
      [begun(), up('a')],
      fallSilent('with something missing'),
      { events: [runInterrupted] },
    ],
    [
      'ends without a claim when everything is there',
      [begun()],
      fallSilent('with everything there'),
      { events: [runFinished] },
    ],
    [
      'that has finished stays finished',
      [begun(), ended('passed')],
      fallSilent('with something missing'),
      nothingBut(2),
    ],
    ['that was cancelled stays cancelled', [begun(), cancelled], fallSilent('with something missing'), nothingBut(2)],
    [
      'that was interrupted is not interrupted twice',
      [begun(), interrupted],
      fallSilent('with something missing'),
      nothingBut(2),
    ],
    [
      'after it was opened again is interrupted again',
      [begun(), interrupted, reopened(2)],
      fallSilent('with something missing'),
      { events: [runInterrupted] },
    ],
    ['of which nobody has heard is left alone', [], fallSilent('with something missing'), { events: [] }],
  ])('%s', (_, given, when, then) => {
    expect(outcomeOf(given, when)).toMatchObject(then);
  });
});
