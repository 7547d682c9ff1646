import { describe, expect, it } from 'vitest';
import { DomainError } from '#platform/kernel';
import { anyEvent, anyStream } from '#platform/testing';
import { AppendLane } from './append-lane.ts';
import type { PendingAppend } from './append-queue.ts';
import { encodeAppend } from './encoded-append.ts';

const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const refused = Object.assign(new Error('violates check constraint'), { code: '23514' });

/** A lane over a server that fails as told; what was tried is kept, stream by stream. */
function newTestLane(failure: (attempt: number, streams: string[]) => Error | undefined, patience?: number) {
  const attempts: string[][] = [];
  let abandoned = 0;
  const lane = new AppendLane(
    (pending) => ({
      attempt: async () => {
        const streams = pending.map(({ append }) => append.stream);
        attempts.push(streams);
        await Promise.resolve();
        const error = failure(attempts.length, streams);
        if (error !== undefined) throw error;
        for (const { resolve } of pending) resolve([]);
      },
      abandonConnection: async () => void abandoned++,
    }),
    patience,
  );
  const push = (stream: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const append = encodeAppend({ stream, events: [anyEvent()] });
      lane.push({ append, since: performance.now(), resolve, reject } satisfies PendingAppend);
    });
  return { lane, push, attempts, abandoned: () => abandoned };
}

describe('an append lane', () => {
  it('commits what arrives at once together, and what arrives meanwhile next', async () => {
    const { push, attempts } = newTestLane(() => undefined);
    const first = [push('a'), push('b')];
    await first[0];
    await Promise.all([...first, push('c'), push('d')]);
    expect(attempts).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('tries a batch again on a new connection before anything else of its slots', async () => {
    const { lane, push, attempts, abandoned } = newTestLane((attempt) => (attempt <= 2 ? reset : undefined));
    const first = push('a');
    await new Promise(setImmediate);
    await Promise.all([first, push('b')]);
    await lane.idle();
    expect(attempts).toEqual([['a'], ['a'], ['a'], ['b']]);
    expect(abandoned()).toBe(2);
    expect(lane.stats).toEqual({ batches: 2, events: 2, retries: 2, failures: 0 });
  });

  it('gives up as unavailable when its patience is over, and goes on with the next', async () => {
    let down = true;
    const { push } = newTestLane(() => (down ? reset : undefined), 100);
    await expect(push('a')).rejects.toMatchObject({ code: 'store.unavailable', retryAfterMs: 1_000, cause: reset });
    down = false;
    await expect(push('a')).resolves.toEqual([]);
  });

  it('lets only that append fail which the server will not have', async () => {
    const { lane, push, attempts } = newTestLane((_, streams) => (streams.includes('b') ? refused : undefined));
    const settled = await Promise.allSettled(['a', 'b', 'c'].map(push));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await lane.idle();
    expect(attempts).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    expect(lane.stats.failures).toBe(1);
  });

  it('does not take a batch apart for what will not be tried again', async () => {
    const { push, attempts } = newTestLane(() => new DomainError('internal'));
    const settled = await Promise.allSettled([push('a'), push('b')]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(attempts).toHaveLength(1);
  });

  it('is idle when everything was answered', async () => {
    const { lane, push } = newTestLane((attempt) => (attempt === 1 ? reset : undefined));
    let answered = 0;
    for (const stream of [anyStream(), anyStream()]) void push(stream).then(() => answered++);
    await lane.idle();
    expect(answered).toBe(2);
  });
});
