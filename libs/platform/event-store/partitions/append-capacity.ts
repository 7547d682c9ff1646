import { randomBytes, randomUUID } from 'node:crypto';
import { appendEvents } from '../append-events.sql.ts';
import { BatchLayout } from '../batch-layout.ts';
import { encodeAppend } from '../encoded-append.ts';
import { keepCapacity, readCapacity } from './append-capacity.sql.ts';
import type { OperatorSession } from './operator-session.ts';

const trials = 5;
const eventsATrial = 500;
/** Seconds after which what was measured is measured again. */
const goodFor = 24 * 3600;
/** Events of about 200 bytes, as results are. */
const payloadBytes = 90;

/**
 * Events a second that one connection appends to one partition in full batches, each committed before the next: what a
 * partition's load is a share of. One day old at most, else measured now.
 */
export async function appendCapacity(session: OperatorSession): Promise<number> {
  const [kept] = await session.query<{ eventsPerSecond: number; age: number }>(readCapacity);
  if (kept !== undefined && kept.age < goodFor) return kept.eventsPerSecond;
  return measureCapacity(session);
}

/**
 * Appends full batches that are rolled back, so that nothing is left in the log, and takes the best of five: what else
 * the server had to do meanwhile is no part of what it can do. A slot is locked for the length of each.
 */
export async function measureCapacity(session: OperatorSession): Promise<number> {
  let best = Infinity;
  for (let trial = 0; trial < trials; trial++) best = Math.min(best, await timeOfBatch(session));
  // Committing is measured with the row that keeps the figure.
  await session.run('begin');
  await session.query(keepCapacity, [eventsATrial / best]);
  const began = performance.now();
  await session.run('commit');
  const capacity = eventsATrial / (best + (performance.now() - began) / 1000);
  await session.query(keepCapacity, [capacity]);
  return capacity;
}

/** Seconds that a batch takes, without its commit. */
async function timeOfBatch(session: OperatorSession): Promise<number> {
  const { text, values } = appendEvents(
    new BatchLayout([
      encodeAppend({
        stream: 'store:capacity',
        events: Array.from({ length: eventsATrial }, () => ({
          eventId: randomUUID(),
          type: 'test.finished',
          at: Date.now(),
          data: { pad: randomBytes(payloadBytes).toString('hex') },
        })),
      }),
    ]),
    false,
  );
  await session.run('begin');
  try {
    const began = performance.now();
    await session.query(text, values);
    return (performance.now() - began) / 1000;
  } finally {
    await session.run('rollback');
  }
}
