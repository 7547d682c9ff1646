import { Logger } from '@nestjs/common';
import type { EventStore } from '#platform/event-store';
import { Signal } from '../engine/signal.ts';

/** Twice as often as a head is compared with the one of a second ago, so that none of these comparisons is left out. */
const everyMs = 500;

/** What is told of the heads; the engine. */
export interface HeadsSink {
  /** The epoch that it goes by. */
  readonly epoch?: string | undefined;
  /** @param brought the same without what is not this process's to bring */
  noteHeads(positions: readonly number[], brought: readonly number[]): void;
  /** The log's history has changed (a fail-over, a restore): start anew. */
  reload(): Promise<readonly number[]>;
}

/** Looks at the heads of the log, so that what a broker lags behind, loses or never gets is still found. */
export class HeadsWatch {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private current: string | undefined;
  private stopped = false;
  private failing = false;
  private running: Promise<void> = Promise.resolve();

  /** @param mine leaves out of the heads what is not this process's to bring */
  constructor(
    private readonly store: Pick<EventStore, 'heads'>,
    private readonly sink: HeadsSink,
    private readonly mine: (heads: readonly number[]) => readonly number[],
  ) {}

  /** The log's epoch at the last look; undefined before the first. */
  get epoch(): string | undefined {
    return this.current;
  }

  start(): void {
    this.running = this.watch();
  }

  /** Looks now: something has come that belongs to another epoch. */
  wake(): void {
    this.signal.give();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.signal.give();
    await this.running;
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.look();
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.logger.warn(`cannot compare with the heads of the log: ${String(error)}`);
        this.failing = true;
      }
      if (!this.stopped) await this.signal.wait(everyMs);
    }
  }

  private async look(): Promise<void> {
    const { epoch, positions } = await this.store.heads();
    const isOther = (this.current ?? epoch) !== epoch || (this.sink.epoch ?? epoch) !== epoch;
    // Before the sink starts anew: what comes of the epoch before must not reach it once it has.
    this.current = epoch;
    if (isOther) {
      this.logger.warn(`the log goes on in epoch ${epoch}`);
      await this.sink.reload();
    }
    this.sink.noteHeads(positions, this.mine(positions));
  }
}
