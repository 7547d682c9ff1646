import { Injectable, Logger } from '@nestjs/common';
import { type MoveProgress, Partitions } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';

/** What this gateway was asked to do to the partitions last. */
export interface PartitionWorkState {
  readonly what: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly step?: MoveProgress['step'] | undefined;
  readonly rowsMoved?: number | undefined;
  readonly rowsTotal?: number | undefined;
  readonly error?: string | undefined;
}

/**
 * Changes partitions in the background of this gateway, one thing at a time. A gateway that ends in the middle of it leaves
 * the log whole; whoever changes partitions next finishes it first.
 */
@Injectable()
export class PartitionWork {
  private readonly logger = new Logger('Partitions');
  private last: PartitionWorkState | undefined;

  constructor(private readonly database: DataSource) {}

  get state(): PartitionWorkState | undefined {
    return this.last;
  }

  /** The same asked again while it is under way is that one; throws `store.unavailable` while it is something else. */
  start(what: string, work: (partitions: Partitions) => Promise<unknown>): PartitionWorkState {
    if (this.last?.state === 'running') {
      if (this.last.what === what) return this.last;
      throw new DomainError('store.unavailable', `This gateway is at it: ${this.last.what}.`, { retryAfterMs: 5000 });
    }
    const onProgress = ({ move, step, rowsMoved }: MoveProgress): void => {
      this.last = { what, state: 'running', step, rowsMoved, rowsTotal: move.rowsTotal };
    };
    const begun: PartitionWorkState = (this.last = { what, state: 'running' });
    work(new Partitions(this.database, { onProgress })).then(
      () => (this.last = { what, state: 'done' }),
      (error: unknown) => {
        this.logger.warn(`${what} failed: ${String(error)}`);
        this.last = { what, state: 'failed', error: error instanceof DomainError ? error.message : 'see the log' };
      },
    );
    return begun;
  }
}
