import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listParked, orderParked, parkedNow } from './parking-lot.sql.ts';
import type { ParkedStream } from './checkpoint-store.ts';

/** A parked stream of any projection, and what was ordered and has not been done yet. */
export interface ParkedInProjection extends Omit<ParkedStream, 'firstPosition'> {
  readonly projection: string;
  readonly ordered: 'replay' | 'discard' | null;
}

export interface ParkedRef {
  readonly stream: string;
  /** Default: every projection that has parked the stream. */
  readonly projection?: string | undefined;
}

/** `applied`: parked no more. `failed`: parked at that version, for that reason. `ordered`: no projector has come to it yet. */
export type ParkingOutcome =
  | { readonly projection: string; readonly outcome: 'applied' }
  | { readonly projection: string; readonly outcome: 'ordered' }
  | { readonly projection: string; readonly outcome: 'failed'; readonly version: number; readonly error: string };

/**
 * The streams that projections have set aside. Works in any process of the database: what is ordered here is done by the
 * projector that has the code, within a second.
 */
@Injectable()
export class ParkingLot {
  constructor(private readonly database: DataSource) {}

  /** The longest parked first, 10,000 at most. */
  async list(): Promise<ParkedInProjection[]> {
    return this.database.query<ParkedInProjection[]>(listParked);
  }

  /** Applies everything that was set aside, up to an event that fails again. Empty when the stream is not parked. */
  async replay(parked: ParkedRef, waitMs?: number): Promise<ParkingOutcome[]> {
    return this.order(parked, 'replay', waitMs);
  }

  /** Leaves the event that failed out, for good and on record, and goes on as `replay` does. */
  async discard(parked: ParkedRef, waitMs?: number): Promise<ParkingOutcome[]> {
    return this.order(parked, 'discard', waitMs);
  }

  /** @param waitMs how long to wait for the outcome */
  private async order(
    { stream, projection }: ParkedRef,
    what: 'replay' | 'discard',
    waitMs = 30_000,
  ): Promise<ParkingOutcome[]> {
    const [rows] = await this.database.query<[{ projection: string }[], number]>(orderParked, [
      stream,
      projection ?? null,
      what,
    ]);
    const deadline = performance.now() + waitMs;
    return Promise.all(rows.map((row) => this.outcome(row.projection, stream, deadline)));
  }

  private async outcome(projection: string, stream: string, deadline: number): Promise<ParkingOutcome> {
    for (;;) {
      const [row] = await this.database.query<{ firstVersion: number; ordered: string | null; error: string }[]>(
        parkedNow,
        [projection, stream],
      );
      if (row === undefined) return { projection, outcome: 'applied' };
      if (row.ordered === null) return { projection, outcome: 'failed', version: row.firstVersion, error: row.error };
      if (performance.now() > deadline) return { projection, outcome: 'ordered' };
      await delay(100);
    }
  }
}
