import type { EntityManager } from 'typeorm';
import { runPrepared } from '#platform/database';
import type { TrendDelta } from '../domain/trend-deltas.ts';
import { addToMinutes, makeDaysOf, makeInTurn } from './trend-buckets.sql.ts';
import { recordsOf } from './trend-records.ts';

/** Temporary: the next attempt makes it. A statement that failed has spoiled the transaction. */
export class DayNotMade extends Error {
  override readonly name = 'DayNotMade';
  readonly temporary = true;

  constructor(table: string, cause: unknown) {
    super(`a day that is kept has no partition of ${table} yet`, { cause });
  }
}

/**
 * Adds to roll-ups by minute. Their partitions are made a week ahead, by a job; where that job has failed for so long, or a
 * clock is wrong, they are made here: leaving the minutes out would lose them without a word.
 */
export class TrendMinutes {
  private isDayMissing = false;

  /** @throws DayNotMade */
  async add(tx: EntityManager, table: string, deltas: readonly TrendDelta[]): Promise<void> {
    if (deltas.length === 0) return;
    if (this.isDayMissing) {
      await tx.query(makeInTurn);
      await tx.query(makeDaysOf, [table, deltas.map(({ at }) => new Date(at).toISOString())]);
    }
    try {
      await runPrepared(tx.queryRunner!, addToMinutes(table), recordsOf(deltas));
      this.isDayMissing = false;
    } catch (error) {
      if ((error as { code?: unknown }).code !== '23514') throw error;
      this.isDayMissing = true;
      throw new DayNotMade(table, error);
    }
  }
}
