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

interface Projector {
  readonly id: string;
  /** Of the code of each projection that it has. */
  readonly versions: Readonly<Record<string, number>>;
}

/**
 * Which slots are this process's, of all projectors on one database: each says every second that it is there, and each
 * computes the same division from who is. Two may believe for a moment that a slot is theirs; the checkpoints, which are
 * compared before they are set, let only one of them write, so nothing has to be fenced.
 *
 * The slots of a projection are divided among those that have the same code of it. While a release goes from one projector
 * to the next, the old ones write all of the rows that are read, and the new ones all of those that are being filled:
 * divided among both, half of either would be nobody's, and the swap that ends it would never come.
 */
export class SlotShare {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private readonly id = randomUUID();
  private readonly everyMs: number;
  private readonly silentMs: number;
  private projectors: readonly Projector[] = [{ id: this.id, versions: {} }];
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

  /** Of all projectors, whatever their code: for work that any of them can do. */
  mine(slot: number): boolean {
    return this.isMineAmong(this.projectors, slot);
  }

  /** Of those that have this version of the projection's code. */
  mineOf(projection: string, version: number, slot: number): boolean {
    return this.isMineAmong(
      this.projectors.filter(({ versions }) => versions[projection] === version),
      slot,
    );
  }

  /** Whether each projector has this version of the projection's code, which it has not while a release is under way. */
  allHave(projection: string, version: number): boolean {
    return this.projectors.every(({ versions }) => versions[projection] === version);
  }

  /** @param versions of the code of each projection: whoever reads can tell whether anybody writes the rows that are live */
  async join(versions: Readonly<Record<string, number>>): Promise<void> {
    this.versions = versions;
    this.projectors = [{ id: this.id, versions }];
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
    await this.leave();
  }

  stop(): void {
    this.stopped = true;
    this.signal.give();
  }

  /** Once nothing beats any more: the others need not wait until we count as silent. */
  async leave(): Promise<void> {
    await this.dataSource.query(leave, [this.id]).catch(() => undefined);
  }

  private isMineAmong(projectors: readonly Projector[], slot: number): boolean {
    return projectors[slot % projectors.length]?.id === this.id;
  }

  /** @returns whether others are there than before */
  private async look(): Promise<boolean> {
    await this.dataSource.query(beat, [this.id, JSON.stringify(this.versions)]);
    const projectors = await this.dataSource.query<Projector[]>(present, [this.id, this.silentMs]);
    // What code a process has does not change.
    if (idsOf(projectors) === idsOf(this.projectors)) return false;
    this.logger.log(`${projectors.length} projectors share the slots`);
    this.projectors = projectors;
    return true;
  }
}

const idsOf = (projectors: readonly Projector[]): string => projectors.map(({ id }) => id).join();
