import { Logger } from '@nestjs/common';
import type { ClaimedDeadline, Deadlines } from './deadlines.ts';
import type { SeenEvents } from './seen-events.ts';

export interface DeadlineWatchOptions {
  /** Milliseconds between two looks (default 1,000). */
  readonly everyMs?: number | undefined;
  /** Milliseconds after which a deadline whose command failed, or whose claimer died, is claimed again (default 30,000). */
  readonly leaseMs?: number | undefined;
}

/** Deadlines that one claim takes: few, so that several projectors share a crowd of them. */
const batch = 20;
const forgetEveryMs = 3_600_000;

/**
 * Looks for deadlines that have passed, and calls `act` for each. In a crash, or a race that two of them would win, a
 * deadline may be acted upon twice: the command behind `act` must find the outcome of the first time and do nothing.
 */
export class DeadlineWatch {
  private readonly logger = new Logger('Deadlines');
  private readonly everyMs: number;
  private readonly leaseMs: number;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = true;
  private failures = 0;
  private forgetAt = 0;

  constructor(
    private readonly deadlines: Deadlines,
    private readonly seen: SeenEvents,
    private readonly act: (deadline: ClaimedDeadline) => Promise<unknown>,
    options: DeadlineWatchOptions = {},
  ) {
    this.everyMs = options.everyMs ?? 1_000;
    this.leaseMs = options.leaseMs ?? 30_000;
  }

  start(): void {
    this.stopped = false;
    this.plan();
  }

  /** Resolves when what was claimed has been dealt with. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private plan(): void {
    // Spread, so that projectors that start together do not look together for ever.
    const wait = this.everyMs * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.round = this.look().finally(() => {
        if (!this.stopped) this.plan();
      });
    }, wait);
  }

  private async look(): Promise<void> {
    try {
      const { now, due } = await this.deadlines.look();
      if (due) await this.claimAll(await this.seen.upTo(now));
      if (performance.now() >= this.forgetAt) {
        this.forgetAt = performance.now() + forgetEveryMs;
        await this.deadlines.forgetEnded();
      }
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      // The first, and then about one a minute: what is not looked at now is looked at later.
      if (this.failures === 1 || this.failures % 60 === 0)
        this.logger.warn(`cannot look at deadlines: ${String(error)}`);
    }
  }

  private async claimAll(seenUpTo: number): Promise<void> {
    for (let more = true; more && !this.stopped;) {
      const claim = await this.deadlines.claim(seenUpTo, { leaseMs: this.leaseMs, limit: batch });
      await Promise.all(claim.claimed.map((deadline) => this.actOn(deadline)));
      more = claim.more;
    }
  }

  private async actOn(deadline: ClaimedDeadline): Promise<void> {
    try {
      await this.act(deadline);
    } catch (error) {
      this.logger.warn(`${deadline.key}: its deadline has passed, and is tried again later: ${String(error)}`);
    }
  }
}
