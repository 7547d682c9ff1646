import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '#platform/kernel';
import { DataSource, type EntityManager } from 'typeorm';
import { type TrendRetentionOptions, trendRetentionOptions } from './trend-retention.options.ts';
import {
  createDays,
  daysBefore,
  deleteHours,
  deleteTests,
  deleteWorkers,
  liveTableOf,
  moveKept,
  tablesOf,
  takeTurn,
  waitShortly,
} from './trend-retention.sql.ts';

const dayMs = 86_400_000;
const defaultMinutesDays = 14;
const defaultHoursDays = 730;
/** Milliseconds. After a failure it is tried again sooner: partitions are made a week ahead, so there is time. */
const everyMs = 3_600_000;
const retryMs = 60_000;
/** Days for which partitions are made ahead: a projector that is not restarted and cannot make any has a week. */
const daysAhead = 7;
/**
 * Days for which it is remembered when a worker was busy. An event may be 7 days late; twice that leaves a week for a
 * projector that lags.
 */
const workersDays = 14;

/**
 * Makes the partitions of minutes ahead, and drops what is older than it is kept. What it finds done it leaves, so that it
 * may be killed anywhere and run in several projectors; the first round is over before the projections begin.
 */
@Injectable()
export class TrendRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Trends');
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    @Inject(trendRetentionOptions) private readonly options: TrendRetentionOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
  }

  // Before the application's shutdown closes the database.
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** One round of work. Errors are the database's own. */
  async keep(): Promise<void> {
    const now = this.clock.now();
    const today = now - (now % dayMs);
    await this.inTurn((tx) => this.keepMinutes(tx, today));
    // First the mark, since the projection adds nothing to hours before it; then what nobody adds to.
    const hours = await moveKeptTo(this.database, 'hour', today - (this.options.hoursDays ?? defaultHoursDays) * dayMs);
    await this.deleteAll(await namesOf(this.database, tablesOf, ['trend_hours']), deleteHours, hours);
    const workers = await namesOf(this.database, tablesOf, ['trend_workers']);
    await this.deleteAll(workers, deleteWorkers, new Date(today - workersDays * dayMs));
    // Not of a build that is being filled: it has yet to come to the events that correct them.
    await this.deleteAll(await namesOf(this.database, liveTableOf, ['trend_tests']), deleteTests, hours.getTime());
  }

  private async look(): Promise<void> {
    this.round = this.keep().then(
      () => this.plan(everyMs),
      (error: unknown) => {
        this.logger.warn(`partitions of trends are not looked after, and are in a minute: ${String(error)}`);
        this.plan(retryMs);
      },
    );
    await this.round;
  }

  private plan(wait: number): void {
    if (this.stopped) return;
    // Spread, so that projectors that start together do not look together for ever.
    this.timer = setTimeout(() => void this.look(), wait * (0.75 + Math.random() / 2));
    this.timer.unref();
  }

  private async keepMinutes(tx: EntityManager, today: number): Promise<void> {
    const since = await moveKeptTo(tx, 'minute', today - (this.options.minutesDays ?? defaultMinutesDays) * dayMs);
    for (const table of await namesOf(tx, tablesOf, ['trend_minutes'])) {
      await tx.query(createDays, [table, since, new Date(today + daysAhead * dayMs)]);
      for (const day of await namesOf(tx, daysBefore, [table, since])) await tx.query(`drop table if exists ${day}`);
    }
  }

  /** Some at a time, so that no transaction is long. */
  private async deleteAll(
    tables: readonly string[],
    statement: (table: string) => string,
    before: Date | number,
  ): Promise<void> {
    for (const table of tables) {
      for (let more = true; more && !this.stopped;) {
        const [, deleted] = await this.database.query<[unknown, number]>(statement(table), [before]);
        more = deleted > 0;
      }
    }
  }

  private async inTurn(work: (tx: EntityManager) => Promise<void>): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [{ isOurs }] = await tx.query<[{ isOurs: boolean }]>(takeTurn);
      if (!isOurs) return;
      await tx.query(waitShortly);
      await work(tx);
    });
  }
}

type Statements = Pick<EntityManager, 'query'>;

async function moveKeptTo(database: Statements, step: 'minute' | 'hour', to: number): Promise<Date> {
  const [{ since }] = await database.query<[{ since: Date }]>(moveKept, [step, new Date(to)]);
  return since;
}

async function namesOf(database: Statements, statement: string, values: unknown[]): Promise<string[]> {
  const rows = await database.query<{ name: string }[]>(statement, values);
  return rows.map(({ name }) => name);
}
