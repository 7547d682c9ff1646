import { Injectable } from '@nestjs/common';
import type { RunSummary, StateItem } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { parseCheckpoints } from '#platform/messaging';
import type { StateRead } from '#platform/realtime';
import { selectProjectRows, selectProjectWindow, selectRunRow, selectRunVersion } from './room-rows.sql.ts';
import { shardBytesAlone, shardBytesInList, withFewerShards } from './with-fewer-shards.ts';

interface Row {
  runId: string | null;
  summary: RunSummary;
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
    return itemsOf(await this.database.query<Row[]>(selectProjectWindow, [projectId]), shardBytesInList);
  }

  async ofProject(projectId: string, runIds: readonly string[], slots: readonly number[]): Promise<StateRead> {
    const rows = await this.database.query<ReadRow[]>(selectProjectRows, [projectId, runIds, slots]);
    return readOf(rows, shardBytesInList);
  }

  async ofRun(projectId: string, runId: string, slots: readonly number[]): Promise<StateRead> {
    const rows = await this.database.query<ReadRow[]>(selectRunRow, [projectId, [runId], slots]);
    return readOf(rows, shardBytesAlone);
  }

  /** The stream version that the run's rows reflect. */
  async versionOfRun(projectId: string, runId: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ version: number }[]>(selectRunVersion, [projectId, runId]);
    return row?.version;
  }
}

function readOf(rows: readonly ReadRow[], shardBytes: number): StateRead {
  return { items: itemsOf(rows, shardBytes), checkpoints: parseCheckpoints(rows[0]?.positions ?? {}) };
}

function itemsOf(rows: readonly Row[], shardBytes: number): StateItem[] {
  return rows
    .filter(({ runId }) => runId !== null)
    .map(({ runId, summary, stale }) => ({
      key: runId!,
      version: summary.version,
      value: withFewerShards(summary, shardBytes),
      ...(stale ? { stale } : {}),
    }));
}
