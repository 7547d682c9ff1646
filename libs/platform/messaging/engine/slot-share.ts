import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Signal } from './signal.ts';
import { beat, leave, present } from './slot-share.sql.ts';

export interface SlotShareOptions {
  /** Milliseconds between two beats (default 1,000). */
  readonly everyMs?: number | undefined;
  /** Milliseconds of silence after which the others take the slots over (default 3,500). */
  readonly silentMs?: number | undefined;
}

/**
 * Which slots are this process's, of all projectors on one database: each says every second that it is there, and each
 * computes the same division from who is. Two may believe for a moment that a slot is theirs; the checkpoints, which are
 * compared before they are set, let only one of them write, so nothing has to be fenced.
 */
export class SlotShare {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private readonly id = randomUUID();
  private readonly everyMs: number;
  private readonly silentMs: number;
  private ids: readonly string[] = [this.id];
  private versions: Readonly<Record<string, number>> = {};
  private stopped = false;
  private failing = false;

  constructor(
    private readonly dataSource: DataSource,
    options: SlotShareOptions = {},
  ) {
    this.everyMs = options.everyMs ?? 1_000;
    this.silentMs = options.silentMs ?? 3_500;
  }

  mine(slot: number): boolean {
    return this.ids[slot % this.ids.length] === this.id;
  }

  /** @param versions of the code of each projection: whoever reads can tell whether anybody writes the rows that are live */
  async join(versions: Readonly<Record<string, number>>): Promise<void> {
    this.versions = versions;
    await this.look();
  }

  /** Beats until `stop`, and calls back when the division has changed. */
  async run(onChange: () => Promise<void>): Promise<void> {
    let told = true;
    while (!this.stopped) {
      await this.signal.wait(this.everyMs);
      if (this.stopped) break;
      try {
        told = !(await this.look()) && told;
        if (!told) await onChange();
        told = true;
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.logger.warn(`cannot agree with other projectors on the slots: ${String(error)}`);
        this.failing = true;
      }
    }
    // The others need not wait until we count as silent.
    await this.dataSource.query(leave, [this.id]).catch(() => undefined);
  }

  stop(): void {
    this.stopped = true;
    this.signal.give();
  }

  /** @returns whether others are there than before */
  private async look(): Promise<boolean> {
    await this.dataSource.query(beat, [this.id, JSON.stringify(this.versions)]);
    const rows = await this.dataSource.query<{ id: string }[]>(present, [this.id, this.silentMs]);
    const ids = rows.map(({ id }) => id);
    if (ids.join() === this.ids.join()) return false;
    this.logger.log(`${ids.length} projectors share the slots`);
    this.ids = ids;
    return true;
  }
}
