import { DataSource, type DataSourceOptions } from 'typeorm';
import type { History } from './history.ts';
import { LogReader } from './log-reader.ts';

/** Why a replica did not answer. `failed`: it was away, broken or slow. */
export type ReplicaRefusal = 'behind' | 'epoch' | 'failed';

/**
 * Milliseconds for which it is not asked again. Replay is behind by moments as a rule; one that has not heard of the epoch
 * waits for replay, too, or for somebody to rebuild it; one that is away costs whoever asks the time to find out.
 */
const rests: Record<ReplicaRefusal, number> = { behind: 250, epoch: 1_000, failed: 5_000 };
/** Milliseconds: whoever asked a replica in vain has the primary to ask still. */
const patience = { timeout: 1_000, tries: 1 };

/** A standby that may answer reads of the log. It is connected to when it is first asked: one that is away stops nobody. */
export class Replica {
  /** Host and port: its URL has a password in it. */
  readonly name: string;
  private opened: Promise<{ dataSource: DataSource; reader: LogReader }> | undefined;
  private restUntil = 0;

  constructor(
    private readonly options: DataSourceOptions,
    private readonly history: History,
  ) {
    const url = new URL((options as { url?: string }).url ?? 'postgres://localhost');
    this.name = url.host;
  }

  get rests(): boolean {
    return performance.now() < this.restUntil;
  }

  rest(refusal: ReplicaRefusal): void {
    this.restUntil = performance.now() + rests[refusal];
  }

  /** Throws whatever keeps it from answering. */
  async ask<T>(question: (reader: LogReader) => Promise<T>): Promise<T> {
    this.opened ??= this.open();
    const { reader } = await this.opened;
    return question(reader);
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    if (opened?.dataSource.isInitialized === true) await opened.dataSource.destroy();
  }

  private async open(): Promise<{ dataSource: DataSource; reader: LogReader }> {
    const dataSource = new DataSource(this.options);
    try {
      await dataSource.initialize();
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
    return { dataSource, reader: new LogReader(dataSource, this.history, patience) };
  }
}
