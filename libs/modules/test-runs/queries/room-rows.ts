import { Injectable } from '@nestjs/common';
import type { StateItem } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { parseCheckpoints } from '#platform/messaging';
import type { StateRead } from '#platform/realtime';
import { toRunSummary } from '../domain/run-summary.ts';
import type { SummaryState } from '../domain/summary-state.ts';
import { selectProjectRows, selectProjectWindow, selectRunRow } from './room-rows.sql.ts';

interface Row {
  runId: string | null;
  state: SummaryState;
  stale: boolean;
}
interface ReadRow extends Row {
  positions: Record<string, number>;
}

/** Run summaries as state rooms show them. */
@Injectable()
export class RoomRows {
  constructor(private readonly database: DataSource) {}

  /** The project's running runs and its newest 50. */
  async projectWindow(projectId: string): Promise<StateItem[]> {
    return itemsOf(await this.database.query<Row[]>(selectProjectWindow, [projectId]));
  }

  async ofProject(projectId: string, runIds: readonly string[], slots: readonly number[]): Promise<StateRead> {
    return readOf(await this.database.query<ReadRow[]>(selectProjectRows, [projectId, runIds, slots]));
  }

  async ofRun(projectId: string, runId: string, slots: readonly number[]): Promise<StateRead> {
    return readOf(await this.database.query<ReadRow[]>(selectRunRow, [projectId, [runId], slots]));
  }
}

function readOf(rows: readonly ReadRow[]): StateRead {
  return { items: itemsOf(rows), checkpoints: parseCheckpoints(rows[0]?.positions ?? {}) };
}

function itemsOf(rows: readonly Row[]): StateItem[] {
  return rows
    .filter(({ runId }) => runId !== null)
    .map(({ runId, state, stale }) => ({
      key: runId!,
      version: state.version,
      value: toRunSummary(state),
      ...(stale ? { stale } : {}),
    }));
}
