import { randomUUID } from 'node:crypto';
import { rooms } from '@testcast/contracts';
import type { NewEvent } from '#platform/event-store';
import { testKeyOf } from '#platform/kernel';

export interface BenchRun {
  readonly stream: string;
  readonly started: NewEvent;
}

export function newRun(): BenchRun {
  const runId = randomUUID();
  const data = { projectId: 'bench', runId, implicit: false };
  const started = { eventId: randomUUID(), type: 'run.started', at: Date.now(), data, lifecycle: true };
  return { stream: rooms.run('bench', runId), started };
}

/** Results as a gateway stores them, each of another test. */
export function newResults(first: number, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, at) => newResult(first + at));
}

function newResult(n: number): NewEvent {
  const title = `adds the item ${n} to the cart`;
  const testId = `test/checkout/cart-${n % 40}.spec.ts::cart > ${title}`;
  const data = {
    testId,
    testKey: testKeyOf(testId, ''),
    variant: '',
    shardId: `shard-${n % 4}`,
    rerun: 1,
    attempt: 1,
    suite: ['cart'],
    title,
    file: `test/checkout/cart-${n % 40}.spec.ts`,
    status: n % 50 === 0 ? 'failed' : 'passed',
    durationMs: n % 300,
    ...(n % 50 === 0 ? { error: { message: 'expected 2 to be 3' } } : {}),
  };
  return { eventId: randomUUID(), type: 'test.finished', at: 1_700_000_000_000 + n, data };
}
