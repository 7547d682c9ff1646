import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import type { RunRef } from '@testcast/contracts';
import type { DataSource } from 'typeorm';
import { RunEraser } from '#modules/test-runs';
import { PostgresEventStore } from '#platform/event-store';
import type { Answer } from './answer.ts';

export interface EraseOptions {
  readonly exportDir: string;
  readonly show: (what: string) => void;
  /** Milliseconds to wait for projections, and for a projector that is at the run (default 30,000). */
  readonly waitMs?: number | undefined;
}

const everyMs = 500;

/**
 * Exports and erases one run. Where it cannot wait for the end, what is left is in the database, and a projector with an
 * export directory finishes it. Throws `run.unknown`, `request.invalid` while the run runs.
 */
export async function eraseRun(
  dataSource: DataSource,
  ref: RunRef,
  { exportDir, show, waitMs = 30_000 }: EraseOptions,
): Promise<Answer> {
  const store = new PostgresEventStore(dataSource);
  const eraser = new RunEraser(dataSource, store, { exportDir, now: Date.now, at: (point) => show(wordsOf(point)) });
  const run = `${ref.projectId}/${ref.runId}`;
  try {
    await eraser.plan(ref);
    for (const deadline = performance.now() + waitMs; ;) {
      const outcome = await attempt(eraser, ref);
      const erasure = await eraser.erasures.find(ref);
      if (erasure === undefined || outcome === 'overtaken') {
        return answer(
          `${run} has had events at this very moment: it was left as it is.`,
          { outcome: 'overtaken' },
          false,
        );
      }
      if (erasure.step === 'erased') {
        const { events, file, bytes } = erasure;
        const where = path.join(exportDir, file!);
        return answer(`${run} is erased; its ${events} events are in ${where} (${bytes} bytes).`, erasure, true);
      }
      const awaited = await eraser.awaited(ref);
      if (performance.now() > deadline) {
        const whom = awaited.length === 0 ? 'another process' : awaited.join(', ');
        return answer(`${run} is not erased yet: it waits for ${whom}. A projector finishes it.`, erasure, false);
      }
      show(`waiting for ${awaited.length === 0 ? 'another process' : awaited.join(', ')}`);
      await delay(everyMs);
    }
  } finally {
    await store.close();
  }
}

/** Undefined: another process is at it, or nothing is left to do. */
async function attempt(eraser: RunEraser, ref: RunRef): Promise<string | undefined> {
  const claimed = await eraser.erasures.claimOf(ref);
  if (claimed === undefined) return undefined;
  try {
    const outcome = await eraser.carryOut(claimed);
    if (outcome === 'waiting') await eraser.erasures.putOff(claimed, 0);
    return outcome;
  } catch (error) {
    await eraser.erasures.putOff(claimed, 0, claimed.failures + 1);
    throw error;
  }
}

/** What has been done is told twice, before and after it is noted: to a person it is one step. */
const wordsOf = (point: string): string => point.replace(/, not noted$/, '');

const answer = (text: string, json: unknown, isWell: boolean): Answer => ({ text, json, isWell });
