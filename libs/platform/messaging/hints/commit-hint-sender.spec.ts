import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { CommitHintSender } from './commit-hint-sender.ts';
import { committedMessage, hintsTo, IpcCommitHint } from './commit-hint.ipc.ts';

Logger.overrideLogger(false);
// performance too: the sender measures with it.
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

function newTestSender(send: () => void | Promise<void> = () => undefined) {
  let listener: ((events: readonly RecordedEvent[]) => void) | undefined;
  const store = {
    onCommitted: (given: (events: readonly RecordedEvent[]) => void) => {
      listener = given;
      return () => {
        listener = undefined;
      };
    },
  };
  const sent: number[] = [];
  const began = performance.now();
  const sender = new CommitHintSender(store, () => {
    sent.push(performance.now() - began);
    return send();
  });
  sender.start();
  return { sender, sent, commit: () => listener?.([]) };
}

it('sends one hint for any number of commits, never closer than 20 ms, and never forgets the last', async () => {
  const { sent, commit } = newTestSender();
  for (let ms = 0; ms < 50; ms++) {
    commit();
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual([0, 20, 40, 60]);
});

it('goes on after a hint that did not get through', async () => {
  let fails = true;
  const { sent, commit } = newTestSender(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve()));
  commit();
  await vi.advanceTimersByTimeAsync(30);
  fails = false;
  commit();
  await vi.advanceTimersByTimeAsync(30);
  expect(sent).toHaveLength(2);
});

it('sends nothing after it was stopped', async () => {
  const { sender, sent, commit } = newTestSender();
  commit();
  sender.stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual([]);
});

it('wakes a child over its channel, and nobody when it is gone', async () => {
  const channel = new EventEmitter();
  const child = { connected: true, send: (message: object) => channel.emit('message', message) };
  const hint = new IpcCommitHint(channel);
  let woken = 0;
  await hint.start(() => (woken += 1));
  hintsTo(child)();
  channel.emit('message', { type: 'other' });
  channel.emit('message', null);
  hintsTo({ ...child, connected: false })();
  expect(woken).toBe(1);
  await hint.stop();
  channel.emit('message', committedMessage);
  expect(woken).toBe(1);
});
