import type { DataSource } from 'typeorm';
import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 10;

/** What one backend was doing, at a moment by `performance.now()`. */
export interface WaitSample {
  readonly at: number;
  readonly backend: string;
  /** `Lock:transactionid`, `IO:WalSync`; `cpu` where it waits for nothing. */
  readonly waitsFor: string;
  readonly statement: string;
}

const activity = `
select coalesce(nullif(application_name, ''), backend_type) as backend,
       coalesce(wait_event_type || ':' || wait_event, 'cpu') as "waitsFor", left(query, 60) as statement
from pg_stat_activity
where pid <> pg_backend_pid() and (state = 'active' or state like 'idle in%' or backend_type in ('checkpointer'))
  and coalesce(wait_event_type, '') <> 'Activity'`;

/** Looks every 10 ms at what the server's backends wait for: the way to see what an append was held up by. */
export class WaitEvents {
  private readonly samples: WaitSample[] = [];
  private running: Promise<void> | undefined;
  private ended = false;

  constructor(private readonly dataSource: DataSource) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.running;
  }

  /** How often each was seen between two moments, the most frequent first. */
  between(from: number, to: number): string[] {
    const seen = new Map<string, number>();
    for (const { at, backend, waitsFor, statement } of this.samples) {
      if (at < from || at > to) continue;
      const what = `${backend} ${waitsFor} ${statement.replaceAll(/\s+/g, ' ')}`;
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }
    return [...seen].sort(([, a], [, b]) => b - a).map(([what, times]) => `${times} × ${what}`);
  }

  private async run(): Promise<void> {
    while (!this.ended) {
      const rows = await this.dataSource.query<Omit<WaitSample, 'at'>[]>(activity);
      const at = performance.now();
      for (const row of rows) this.samples.push({ at, ...row });
      await delay(everyMs);
    }
  }
}
