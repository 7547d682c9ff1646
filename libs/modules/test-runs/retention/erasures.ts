import { randomUUID } from 'node:crypto';
import type { RunRef } from '@testcast/contracts';
import type { DataSource } from 'typeorm';
import {
  claimNext,
  claimOne,
  dropPlanned,
  planDue,
  planOne,
  putOff,
  reachStep,
  readErasure,
  renewClaim,
} from './erasures.sql.ts';

/** What has been done: nothing; no more events come; the file is there; the log says so; no data is left. */
export type ErasureStep = 'planned' | 'closed' | 'exported' | 'told' | 'erased';

/** An erasure that is under way. */
export interface Erasure extends RunRef {
  /** Of the run's stream when it was decided. */
  readonly version: number;
  readonly step: ErasureStep;
  /** Of whoever carries it out: who has lost it to another process changes nothing any more. */
  readonly claim: string | null;
  readonly failures: number;
  readonly file: string | null;
  readonly events: number | null;
  readonly bytes: number | null;
}

export interface ExportFile {
  /** Path below the export directory. */
  readonly file: string;
  readonly events: number;
  /** Of the compressed file. */
  readonly bytes: number;
}

/** Milliseconds after which a claim whose holder says nothing is somebody else's. */
export const leaseMs = 60_000;

/** The rows of what is to be erased. Claims are leases: whoever dies has put its run off for a minute. */
export class Erasures {
  constructor(private readonly database: DataSource) {}

  /** @param before epoch milliseconds: runs that have ended, and of which nothing has come since */
  async planDue(projectId: string, before: number, limit: number): Promise<void> {
    await this.database.query(planDue, [projectId, before, limit]);
  }

  async plan({ projectId, runId }: RunRef, version: number): Promise<void> {
    await this.database.query(planOne, [projectId, runId, version]);
  }

  /** One that is due; of several processes each gets another. */
  claim(): Promise<Erasure | undefined> {
    return this.changed(claimNext, [randomUUID(), leaseMs]);
  }

  /** That one; undefined when it is erased, or somebody else is at it. */
  claimOf({ projectId, runId }: RunRef): Promise<Erasure | undefined> {
    return this.changed(claimOne, [randomUUID(), leaseMs, projectId, runId]);
  }

  async find({ projectId, runId }: RunRef): Promise<Erasure | undefined> {
    const [row] = await this.database.query<Erasure[]>(readErasure, [projectId, runId]);
    return row;
  }

  /** Throws when the claim has been lost. */
  async reach(erasure: Erasure, step: ErasureStep, exported?: ExportFile): Promise<Erasure> {
    const { file, events, bytes } = exported ?? {};
    const values = [...keyOf(erasure), step, file ?? null, events ?? null, bytes ?? null, leaseMs];
    const reached = await this.changed(reachStep, values);
    if (reached === undefined) throw lost(erasure);
    return reached;
  }

  /** Throws when the claim has been lost. */
  async renew(erasure: Erasure): Promise<void> {
    const [rows] = await this.database.query<[unknown[], number]>(renewClaim, [...keyOf(erasure), leaseMs]);
    if (rows.length === 0) throw lost(erasure);
  }

  /** Gives it back, to be claimed again after so many milliseconds. */
  async putOff(erasure: Erasure, ms: number, failures = erasure.failures): Promise<void> {
    await this.database.query(putOff, [...keyOf(erasure), ms, failures]);
  }

  async drop(erasure: Erasure): Promise<void> {
    await this.database.query(dropPlanned, keyOf(erasure));
  }

  private async changed(statement: string, values: unknown[]): Promise<Erasure | undefined> {
    const [rows] = await this.database.query<[Erasure[], number]>(statement, values);
    return rows[0];
  }
}

const keyOf = ({ projectId, runId, claim }: Erasure): unknown[] => [projectId, runId, claim];

function lost({ projectId, runId }: Erasure): Error {
  return new Error(`another process has taken over the erasure of ${projectId}/${runId}`);
}
