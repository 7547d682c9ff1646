import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventStore } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { orderBuild, retireFilling } from './builds.sql.ts';
import { readCrew, readMixedReleases, readNewest, readOrdered, readProgress, readRebuildable } from './rebuilds.sql.ts';

/** A rebuild under way. */
export interface RebuildProgress {
  /** Events of the log that were read, of how many. */
  readonly done: number;
  readonly total: number;
  /** Events a second over the last seconds; undefined in the first second, and when nobody works on it. */
  readonly rate?: number | undefined;
  /** Milliseconds. */
  readonly left?: number | undefined;
}

export interface RebuildCrew {
  /** That run now. */
  readonly projectors: number;
  /** Of these: with the code of the build. */
  readonly able: number;
}

export interface ProjectionStatus {
  readonly name: string;
  /** Of the code that writes the rows that queries read, and the number of their tables. */
  readonly version: number;
  readonly build: number;
  /** Events of the log that the rows do not reflect yet. */
  readonly lag: number;
  readonly parked: number;
  /** Undefined: nothing is being rebuilt. The rows are complete, but may stand still while a newer version is filled. */
  readonly rebuilding?: RebuildProgress | undefined;
}

interface ProgressRow {
  readonly projection: string;
  readonly number: number;
  readonly state: 'live' | 'filling';
  readonly version: number;
  readonly done: number;
  readonly parked: number;
  readonly sampledDone: number | null;
  readonly sampledSecondsAgo: number | null;
}

/** A projector that has not ended as it should counts for as long. */
const forgottenMs = 60_000;

/** How projections stand, and the order to rebuild one. Works in any process of the database. */
@Injectable()
export class Rebuilds {
  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
  ) {}

  async status(): Promise<ProjectionStatus[]> {
    const { positions } = await this.store.heads();
    const total = positions.reduce((sum, position) => sum + position, 0);
    // In this order: one that is taken up in between is in both, instead of in neither.
    const ordered = await this.database.query<{ projection: string }[]>(readOrdered);
    const rows = await this.database.query<ProgressRow[]>(readProgress);
    const waiting = new Set(ordered.map(({ projection }) => projection));
    return rows
      .filter(({ state }) => state === 'live')
      .map(({ projection: name, version, number: build, done, parked }) => {
        const filling = rows.find((row) => row.projection === name && row.state === 'filling');
        const progress = filling === undefined ? undefined : progressOf(filling, total);
        const rebuilding = progress ?? (waiting.has(name) ? { done: 0, total } : undefined);
        return { name, version, build, lag: Math.max(0, total - done), parked, ...(rebuilding && { rebuilding }) };
      });
  }

  /**
   * Orders a rebuild with the code that runs; nothing when one is under way. Throws `request.invalid` for another name, and
   * `store.unavailable` while a release goes round: whichever projector were first would fill it, and an older one without
   * what newer code knows of the rows, such as what of the trends has to be taken over since its runs were erased.
   *
   * @returns the number of the build that will be live when it is over
   */
  async order(name: string): Promise<number> {
    await this.mustBeRebuildable(name);
    await this.mustBeOneRelease(name);
    await this.database.query(orderBuild, [name]);
    const [{ number }] = await this.database.query<[{ number: number }]>(readNewest, [name]);
    return number;
  }

  /**
   * Gives up the rebuild that is under way; queries go on reading the rows that they read. A projector whose code is newer
   * than those begins another by itself. Throws `request.invalid` for another name.
   *
   * @returns whether there was one
   */
  async cancel(name: string): Promise<boolean> {
    await this.mustBeRebuildable(name);
    return (await this.database.query<object[]>(retireFilling, [name])).length > 0;
  }

  /** Who could work on the rebuild that is under way. Projectors that were silent for some seconds do not count. */
  async crew(name: string): Promise<RebuildCrew> {
    const [crew] = await this.database.query<[RebuildCrew]>(readCrew, [name]);
    return crew;
  }

  private async mustBeOneRelease(name: string): Promise<void> {
    const [row] = await this.database.query<[{ mixed: boolean }]>(readMixedReleases, [name]);
    if (!row.mixed) return;
    const what =
      'Projectors of two releases run: order it when all have the same, a minute after the last old one has gone.';
    throw new DomainError('store.unavailable', what, { retryAfterMs: forgottenMs });
  }

  private async mustBeRebuildable(name: string): Promise<void> {
    const rows = await this.database.query<{ projection: string }[]>(readRebuildable);
    const known = rows.map(({ projection }) => projection);
    if (!known.includes(name))
      throw new DomainError('request.invalid', `"${name}" cannot be rebuilt; these can: ${known.join(', ')}.`);
  }
}

function progressOf({ done, sampledDone, sampledSecondsAgo }: ProgressRow, total: number): RebuildProgress {
  const seconds = sampledSecondsAgo ?? 0;
  const rate = seconds < 1 ? 0 : Math.round((done - (sampledDone ?? 0)) / seconds);
  if (rate <= 0) return { done, total };
  return { done, total, rate, left: Math.round((Math.max(0, total - done) / rate) * 1_000) };
}
