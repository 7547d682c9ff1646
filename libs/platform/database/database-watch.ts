import { performance } from 'node:perf_hooks';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { ClockOffset } from './clock-offset.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { SteadyClient } from './steady-client.ts';

/** Between the end of a look and the next. */
const lookEveryMs = 1000;
/** What a look, or a connection for it, may take. */
const lookTimeoutMs = 2000;
/** A restart of the server takes a second or two, and those who wait for it lose nothing. */
const awayAfterMs = 5000;

const look = {
  text: 'select extract(epoch from clock_timestamp()) * 1000, pg_is_in_recovery()',
  rowMode: 'array',
} as const;
type Look = [serverAt: string, isStandby: boolean];

export type WatchedDatabase = Pick<ConnectionSettings, 'url' | 'applicationName'>;

/**
 * Looks at the database once a second, on a connection of its own: those of the pool are taken while the process is busy, which
 * says nothing of the server. What has failed for five seconds is away. The same look reads the server's clock.
 */
export class DatabaseWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly clock = new ClockOffset();
  private readonly logger = new Logger('Database');
  private client: pg.Client | undefined;
  private failingSince: number | undefined;
  private reason = '';
  private saidAway = false;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly database: WatchedDatabase) {}

  /** Whether the server answers, or has not been silent for long. */
  get isUp(): boolean {
    return this.silentForMs < awayAfterMs;
  }

  /** How far the clock of this process (`Date.now`) is ahead of the server's, which dates what is stored. */
  get clockAheadByMs(): number {
    return this.clock.aheadByMs;
  }

  /** Throws when the database is away, with what may be shown to whoever asks. */
  requireUp(): void {
    if (!this.isUp) throw new Error(`${this.reason} for ${Math.floor(this.silentForMs / 1000)} s`);
  }

  onApplicationBootstrap(): void {
    this.lookAgain(0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    this.discard();
  }

  private get silentForMs(): number {
    return this.failingSince === undefined ? 0 : performance.now() - this.failingSince;
  }

  private lookAgain(inMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.lookOnce().finally(() => this.lookAgain(lookEveryMs));
    }, inMs);
  }

  private async lookOnce(): Promise<void> {
    try {
      const [serverAt, isStandby] = await this.read();
      if (isStandby) throw new OnStandby();
      if (this.saidAway) this.logger.log('PostgreSQL answers again');
      this.failingSince = undefined;
      this.saidAway = false;
      this.clock.note(serverAt);
    } catch (error) {
      this.failed(error);
    }
  }

  private async read() {
    const client = (this.client ??= await this.connect());
    const sentAt = Date.now();
    const { rows } = await client.query<Look>({ ...look, query_timeout: lookTimeoutMs } as pg.QueryArrayConfig);
    const receivedAt = Date.now();
    const [serverAt, isStandby] = rows[0]!;
    return [{ sentAt, receivedAt, serverAt: Number(serverAt) }, isStandby] as const;
  }

  private async connect(): Promise<pg.Client> {
    const client = new SteadyClient({
      connectionString: this.database.url,
      application_name: this.database.applicationName,
      connectionTimeoutMillis: lookTimeoutMs,
    });
    try {
      await client.connect();
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    return client;
  }

  /** From the end of the look on, not from its beginning: an event loop that stood still for a while is no outage. */
  private failed(error: unknown): void {
    this.discard();
    this.failingSince ??= performance.now();
    this.reason = error instanceof OnStandby ? error.message : 'PostgreSQL has not answered';
    if (this.isUp || this.saidAway) return;
    // Once, and not with each look of an outage.
    this.saidAway = true;
    this.logger.warn(`${this.reason} for ${awayAfterMs / 1000} s, this process is not ready: ${String(error)}`);
  }

  /** Not awaited: a peer that is gone does not answer a farewell either. */
  private discard(): void {
    void this.client?.end().catch(() => undefined);
    this.client = undefined;
  }
}

/** What takes reads only is no place to store results, whatever the name under which it was reached. */
class OnStandby extends Error {
  constructor() {
    super('PostgreSQL has been a standby, which stores nothing,');
  }
}
