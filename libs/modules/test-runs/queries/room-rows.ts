import { Injectable } from '@nestjs/common';
import type { RunSummary, StateItem } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { parseCheckpoints } from '#platform/messaging';
import type { StateRead } from '#platform/realtime';
import {
  selectNewestRunRows,
  selectNewestRuns,
  selectProjectRows,
  selectProjectWindow,
  selectRunRow,
  selectRunVersion,
} from './room-rows.sql.ts';
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
  /** Where the window of newest runs ends, when there are more projects than it shows. */
  private lastProject: string | undefined;

  constructor(private readonly database: DataSource) {}

  /** The project's running runs and its newest 50. */
  async projectWindow(projectId: string): Promise<StateItem[]> {
    return itemsOf(await this.database.query<Row[]>(selectProjectWindow, [projectId]), shardBytesInList);
  }

  async ofProject(projectId: string, runIds: readonly string[], slots: readonly number[]): Promise<StateRead> {
    const rows = await this.database.query<ReadRow[]>(selectProjectRows, [projectId, runIds, slots]);
    return readOf(rows, shardBytesInList);
  }

  /** The newest run of each project, of the first `most` in the order of their ids, by `<projectId>/<runId>`. */
  async newestRuns(most = 1000): Promise<StateItem[]> {
    const rows = await this.database.query<Row[]>(selectNewestRuns, [most]);
    this.lastProject = rows.length < most ? undefined : rows.at(-1)?.summary.projectId;
    return itemsOf(rows, shardBytesInList, keyInAll);
  }

  /** Nothing of projects behind those of the last window: the next one would take it away again. */
  async ofNewestRuns(keys: readonly string[], slots: readonly number[]): Promise<StateRead> {
    const refs = keys.map((key) => key.split('/'));
    const [projectIds, runIds] = [0, 1].map((part) => refs.map((ref) => ref[part]));
    const rows = await this.database.query<ReadRow[]>(selectNewestRunRows, [
      projectIds,
      runIds,
      slots,
      this.lastProject,
    ]);
    return readOf(rows, shardBytesInList, keyInAll);
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

type KeyOf = (summary: RunSummary) => string;
const keyInProject: KeyOf = ({ runId }) => runId;
const keyInAll: KeyOf = ({ projectId, runId }) => `${projectId}/${runId}`;

function readOf(rows: readonly ReadRow[], shardBytes: number, keyOf?: KeyOf): StateRead {
  return { items: itemsOf(rows, shardBytes, keyOf), checkpoints: parseCheckpoints(rows[0]?.positions ?? {}) };
}

function itemsOf(rows: readonly Row[], shardBytes: number, keyOf = keyInProject): StateItem[] {
  return rows
    .filter(({ runId }) => runId !== null)
    .map(({ summary, stale }) => ({
      key: keyOf(summary),
      version: summary.version,
      value: withFewerShards(summary, shardBytes),
      ...(stale ? { stale } : {}),
    }));
}
