import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { ListRetentions } from '#modules/access';
import { EventStore } from '#platform/event-store';
import { Clock } from '#platform/kernel';
import type { Erasure } from './erasures.ts';
import { RetentionMetrics } from './retention-metrics.ts';
import { type RunRetentionOptions, runRetentionOptions } from './retention.options.ts';
import { RunEraser } from './run-eraser.ts';
import { sweepExportParts } from './run-export.ts';

const dayMs = 86_400_000;
/** Runs of a project that one look plans; the next look goes on. */
const plannedAtOnce = 100;
const projectsAPage = 500;
/** Milliseconds: projections lag for moments. */
const waitMs = 2_000;
/** Milliseconds, where the moment has passed: one is being rebuilt, stands still, or has set the run aside. */
const longWaitMs = 10_000;
const sayEveryMs = 600_000;
const firstRetryMs = 10_000;
const longestRetryMs = 3_600_000;

/**
 * Erases runs that have ended longer ago than their project keeps them. What is to be done is in rows, so that it may be
 * killed anywhere and run in several projectors: each takes other runs, and goes on where another stopped.
 */
@Injectable()
export class EraseRunsThatAreOld implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Retention');
  private readonly eraser: RunEraser | undefined;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;
  private warned = false;
  /** Milliseconds after which to look for a run that waits for projections; undefined when none does. */
  private waiting: number | undefined;
  private sayAgainAt = 0;

  constructor(
    database: DataSource,
    store: EventStore,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
    private readonly metrics: RetentionMetrics,
    @Inject(runRetentionOptions) private readonly options: RunRetentionOptions,
  ) {
    const { exportDir } = options;
    if (exportDir === undefined) return;
    this.eraser = new RunEraser(database, store, {
      exportDir,
      now: () => clock.now(),
      onExported: ({ bytes }) => {
        metrics.exported.inc();
        metrics.bytes.inc(bytes);
      },
      onErased: () => metrics.erased.inc(),
    });
  }

  onApplicationBootstrap(): void {
    this.plan(1_000);
  }

  // Before the application's shutdown closes the database and the store.
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** Plans what is due, and carries out what is planned. Errors are the database's own; those of a run are put off with it. */
  async keep(): Promise<void> {
    for (let after: string | null = ''; after !== null && !this.stopped;) {
      const page: Awaited<ReturnType<typeof this.retentions>> = await this.retentions(after);
      for (const { projectId, days } of page.items) await this.planDue(projectId, days);
      after = page.next;
    }
    if (this.eraser === undefined) return;
    this.waiting = undefined;
    await sweepExportParts(this.options.exportDir!, this.clock.now());
    while (!this.stopped) {
      const erasure = await this.eraser.erasures.claim();
      if (erasure === undefined) return;
      await this.erase(this.eraser, erasure);
    }
  }

  private retentions(after: string) {
    return this.queries.execute(new ListRetentions(this.options.defaultDays ?? 0, after, projectsAPage));
  }

  private async planDue(projectId: string, days: number): Promise<void> {
    if (this.eraser !== undefined) {
      await this.eraser.erasures.planDue(projectId, this.clock.now() - days * dayMs, plannedAtOnce);
    } else if (!this.warned) {
      this.warned = true;
      this.logger.warn(`runs of ${projectId} are kept for ${days} days, but nothing is erased: EXPORT_DIR is not set`);
    }
  }

  private async erase(eraser: RunEraser, erasure: Erasure): Promise<void> {
    try {
      const outcome = await eraser.carryOut(erasure);
      if (outcome !== 'waiting') return;
      const wait = erasure.step === 'told' ? longWaitMs : waitMs;
      this.waiting = Math.min(wait, this.waiting ?? wait);
      if (wait === longWaitMs) await this.sayWhatFor(eraser, erasure);
      await eraser.erasures.putOff(erasure, wait);
    } catch (error) {
      this.metrics.failures.inc();
      const failures = erasure.failures + 1;
      const retryMs = Math.min(firstRetryMs * 2 ** erasure.failures, longestRetryMs);
      const run = `${erasure.projectId}/${erasure.runId}`;
      this.logger.warn(`${run} could not be erased, and is tried again in ${retryMs / 1000} s: ${String(error)}`);
      await eraser.erasures.putOff(erasure, retryMs, failures);
    }
  }

  private async sayWhatFor(eraser: RunEraser, { projectId, runId }: Erasure): Promise<void> {
    if (performance.now() < this.sayAgainAt) return;
    this.sayAgainAt = performance.now() + sayEveryMs;
    const awaited = (await eraser.awaited({ projectId, runId })).join(', ');
    this.logger.warn(`the data of ${projectId}/${runId} is exported, and stays until it was read by: ${awaited}`);
  }

  private async look(): Promise<void> {
    try {
      await this.keep();
    } catch (error) {
      this.logger.warn(`cannot look for runs that are old: ${String(error)}`);
    }
  }

  private plan(wait: number): void {
    // Spread, so that projectors that start together do not look together for ever.
    this.timer = setTimeout(
      () => {
        this.round = this.look().finally(() => {
          if (!this.stopped) this.plan(this.waiting ?? this.options.everyMs ?? 60_000);
        });
      },
      // Never early: a run that was put off for as long would not be due yet, and nobody would look again for a minute.
      wait * (1 + Math.random() / 4),
    );
    this.timer.unref();
  }
}
