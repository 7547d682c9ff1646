import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { backoffMs } from '../engine/backoff.ts';
import { CommitHint } from './commit-hint.ts';

export const commitsChannel = 'testcast_commits';

/** Hints over LISTEN, on a connection of its own that comes back when it breaks. */
export class PostgresCommitHint extends CommitHint {
  private readonly logger = new Logger('CommitHint');
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;

  /** @param own what this process gives to `notifies`, where its own commits need not wake it */
  constructor(
    private readonly url: string,
    private readonly own?: string | undefined,
  ) {
    super();
  }

  async start(wake: () => void): Promise<void> {
    await this.connect(wake);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(wake: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'testcast-hints',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    this.client = client;
    client.on('notification', ({ payload }) => {
      if (this.own === undefined || payload !== this.own) wake();
    });
    // Both come for one broken connection, or only one of them: the first that does leads to a new one.
    let lost = false;
    const onLost = (reason: string): void => {
      if (lost) return;
      lost = true;
      this.reconnect(client, wake, reason);
    };
    client.on('error', ({ message }) => onLost(message));
    client.on('end', () => onLost('the connection ended'));
    try {
      await client.connect();
      await client.query(`listen ${commitsChannel}`);
      this.failures = 0;
      // What was committed while nobody listened.
      wake();
    } catch (error) {
      onLost(String(error));
    }
  }

  private reconnect(client: pg.Client, wake: () => void, reason: string): void {
    void client.end().catch(() => undefined);
    if (this.stopped) return;
    this.failures += 1;
    if (this.failures === 1) this.logger.warn(`no hints for now, polling instead: ${reason}`);
    this.retry = setTimeout(() => void this.connect(wake), backoffMs(this.failures));
  }
}

/** It is heard when it is committed, and does not wait for the disk before: what a crash forgets is polled for. */
const notify = `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;

/**
 * Sends hints over NOTIFY; `new CommitHintSender(store, notifies(dataSource))`. In a transaction of its own: within an
 * append it would make commits wait for one another (NOTIFY holds a lock of the whole database until the commit).
 *
 * @param sender says whose commits they are
 */
export function notifies(dataSource: DataSource, sender = ''): () => Promise<void> {
  return async () => {
    await dataSource.query(notify, [commitsChannel, sender]);
  };
}
