import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { backoffMs } from './backoff.ts';

/** Repeats what fails because a database is away, until it is told to stop. */
export class Persistence {
  private readonly logger = new Logger('Projections');
  private readonly stopping = new AbortController();

  /** @throws the failure of the action once it is told to stop */
  async until<T>(action: () => Promise<T>): Promise<T> {
    const { signal } = this.stopping;
    for (let attempt = 1; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        if (signal.aborted) throw error;
        const message = error instanceof Error ? error.message : String(error);
        if (attempt === 1 || attempt % 12 === 0) this.logger.warn(`the projections cannot start: ${message}`);
        await delay(backoffMs(attempt), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Ends waits at once: what is tried then is tried for the last time. */
  stop(): void {
    this.stopping.abort();
  }
}
