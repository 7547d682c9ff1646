import { Injectable } from '@nestjs/common';
import type { ClusterResponse } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { type Alert, actionOf, type ResponseAction } from './alert-notification.ts';
import {
  beginResponse,
  beginResponseAnew,
  claimResponse,
  endResponse,
  forgetResponses,
  postponeResponse,
  recentResponses,
  resolveResponse,
  responseActed,
} from './cluster-responses.sql.ts';

/** A response that one gateway sees to. */
export interface ClaimedResponse {
  readonly id: string;
  readonly alert: string;
  readonly action: ResponseAction;
  /** Attempts that failed. */
  readonly attempts: number;
  /** Whether what it asks for was done. */
  readonly acted: boolean;
  /** Whether the alert is resolved, or has not been heard of for too long. */
  readonly over: boolean;
}

/** What is done about alerts: rows, so that whichever gateway is there can carry it out and give it back. */
@Injectable()
export class ClusterResponses {
  constructor(private readonly database: DataSource) {}

  /**
   * @returns whether it is a new one, or one that was given up and still fires; an alert without an action, or one that was
   * dealt with, is none
   */
  async begin(alert: Alert, lastsMs: number): Promise<boolean> {
    const action = actionOf(alert);
    if (action === undefined) return false;
    const { fingerprint, startsAt } = alert;
    const [again] = await this.database.query<[unknown[], number]>(beginResponseAnew, [fingerprint, startsAt, lastsMs]);
    if (again.length > 0) return true;
    const { alertname = 'unnamed', server_id: serverId } = alert.labels;
    const [row] = await this.database.query<{ begun: boolean }[]>(beginResponse, [
      fingerprint,
      startsAt,
      alertname.slice(0, 200) || 'unnamed',
      action,
      serverId?.slice(0, 128) || null,
      lastsMs,
    ]);
    return row?.begun === true;
  }

  /** @returns whether there was one to end */
  async resolve({ fingerprint, startsAt }: Alert): Promise<boolean> {
    const [rows] = await this.database.query<[unknown[], number]>(resolveResponse, [fingerprint, startsAt]);
    return rows.length > 0;
  }

  /**
   * The oldest one that something has to be done about, for as long as the lease; undefined when there is none.
   *
   * @param scales whether who asks can give back a number of pods; one that cannot would end such a response and leave it raised
   */
  async claim(leaseMs: number, scales: boolean): Promise<ClaimedResponse | undefined> {
    const [rows] = await this.database.query<[ClaimedResponse[], number]>(claimResponse, [leaseMs, scales]);
    return rows[0];
  }

  async acted(id: string, detail: string): Promise<void> {
    await this.database.query(responseActed, [id, detail.slice(0, 500)]);
  }

  /** @param state `done` where nothing was to be given back */
  async end(
    id: string,
    state: 'done' | 'failed' | 'undone',
    { detail, tx = this.database }: { readonly detail?: string; readonly tx?: Pick<DataSource, 'query'> } = {},
  ): Promise<void> {
    await tx.query(endResponse, [id, state, detail?.slice(0, 500) ?? null, state === 'undone']);
  }

  async postpone(id: string, detail: string, waitMs: number): Promise<void> {
    await this.database.query(postponeResponse, [id, detail.slice(0, 500), waitMs]);
  }

  /** The newest first. */
  async recent(limit: number): Promise<ClusterResponse[]> {
    const rows = await this.database.query<Record<string, unknown>[]>(recentResponses, [limit]);
    return rows.map(
      (row) =>
        Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as ClusterResponse,
    );
  }

  async forgetOld(): Promise<void> {
    await this.database.query(forgetResponses);
  }
}
