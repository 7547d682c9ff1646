import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '#platform/kernel';
import { DataSource } from 'typeorm';

const everyMs = 60_000;

const deleteExpired = [
  `delete from sign_in_codes where expires_at <= $1`,
  `delete from sessions where expires_at <= $1`,
  `delete from used_tickets where expires_at <= $1`,
] as const;

/** Removes what has expired once a minute. Nothing depends on it: every use looks at the expiry itself. */
@Injectable()
export class ExpiredRowsSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('access');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), everyMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async sweep(): Promise<void> {
    try {
      for (const statement of deleteExpired) await this.database.query(statement, [new Date(this.clock.now())]);
    } catch (error) {
      this.logger.warn(`expired sign-ins were not removed: ${(error as Error).message}`);
    }
  }
}
