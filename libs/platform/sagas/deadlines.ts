import type { DataSource, EntityManager } from 'typeorm';
import { runPrepared } from '#platform/database';
import { claimDeadlines, forgetEnded, lookForDue, renewDeadlines } from './deadlines.sql.ts';

/**
 * How long a row stays after its end, milliseconds. An event of another slot may come after the end and finds it; after
 * this long it makes a row that has not begun, which waits for nothing and is removed in its turn.
 */
const keptMs = 30 * 86_400_000;
const forgottenAtOnce = 1000;

/** What is kept of a saga's deadlines is kept under its name. */
export interface DeadlineOptions {
  readonly name: string;
  /** Milliseconds to wait where no sign said. */
  readonly waitMs: number;
}

/** A sign of life, or several of one batch taken together. */
export interface DeadlineSign {
  readonly key: string;
  /** The server's clock at the append, epoch milliseconds; the latest one counts. */
  readonly lastAt: number;
  /** true = it waits from now on, false = it has ended, undefined = the sign says nothing about that. */
  readonly open?: boolean | undefined;
  /** Of the stream that says whether it is open; the highest one counts. */
  readonly version?: number | undefined;
  /** Milliseconds that it may stay silent; the first word counts. */
  readonly waitMs?: number | undefined;
}

/** One whose time has passed, claimed for a while. */
export interface ClaimedDeadline {
  readonly key: string;
  readonly version: number;
}

export interface DeadlineClaim {
  readonly claimed: readonly ClaimedDeadline[];
  /** More are due than were looked at. */
  readonly more: boolean;
}

/**
 * The deadlines of one saga, as rows. A sign of life costs the row one number; only when a deadline is due by its last
 * look is it found out whether there was life since. Claims are leases: whoever claimed one and died has put it off, and
 * what settles it is the event that the saga's command leads to.
 */
export class Deadlines {
  constructor(
    private readonly database: DataSource,
    private readonly options: DeadlineOptions,
  ) {}

  /** Writes the signs of one batch in one statement, in the transaction of its checkpoints. A key stands once in them. */
  async renew(tx: EntityManager, signs: readonly DeadlineSign[]): Promise<void> {
    const { name, waitMs } = this.options;
    await runPrepared(tx.queryRunner!, renewDeadlines, [
      name,
      waitMs,
      signs.map(({ key }) => key),
      signs.map(({ open }) => open ?? null),
      signs.map(({ version }) => version ?? null),
      signs.map(({ lastAt }) => lastAt),
      signs.map((sign) => sign.waitMs ?? null),
    ]);
  }

  /** Removes what has ended long ago. Nothing depends on it but the size of the table. */
  async forgetEnded(): Promise<void> {
    for (let left = true; left;) {
      const [removed] = await this.database.query<[unknown[], number]>(forgetEnded, [
        this.options.name,
        keptMs,
        forgottenAtOnce,
      ]);
      left = removed.length === forgottenAtOnce;
    }
  }

  /** The server's clock, and whether it is time to look at any row. */
  async look(): Promise<{ now: number; due: boolean }> {
    const [found] = await this.database.query<{ now: number; due: boolean }[]>(lookForDue, [this.options.name]);
    return found!;
  }

  /**
   * Claims deadlines that have passed; of several processes each gets others.
   *
   * @param seenUpTo epoch milliseconds: signs up to then are in the rows
   * @param leaseMs after which what was claimed, and is still open, is due again
   */
  async claim(seenUpTo: number, { leaseMs, limit }: { leaseMs: number; limit: number }): Promise<DeadlineClaim> {
    const { name, waitMs } = this.options;
    const rows = await this.database.query<{ key: string; version: number; expired: boolean }[]>(claimDeadlines, [
      name,
      waitMs,
      seenUpTo,
      leaseMs,
      limit,
    ]);
    return {
      claimed: rows.filter(({ expired }) => expired).map(({ key, version }) => ({ key, version })),
      more: rows.length === limit,
    };
  }
}
