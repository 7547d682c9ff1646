import type { DataSource } from 'typeorm';
import { OperatorSession } from '../operator-session.ts';
import { slotCount } from '../../event-store.ts';
import { byIndex } from '../move-rows.sql.ts';
import { listPartitions } from '../partition-tables.sql.ts';
import { checkMap, type MapRow } from './check-map.sql.ts';
import { checkPositions, type PositionsRow } from './check-positions.sql.ts';
import { checkStreams, type StreamRow } from './check-streams.sql.ts';
import { findCheckpointsAhead, type CheckpointAhead } from './check-checkpoints.sql.ts';
import { type EpochFault, findEpochFaults } from './check-epochs.sql.ts';
import { findOrphans, type OrphanRow } from './check-orphans.sql.ts';
import { findStrays, type StraySlot } from './check-placement.sql.ts';
import { findUnevenSlots, type UnevenSlot } from './check-heads.sql.ts';
import { checkpointFindings, mapFindings, positionFindings, streamFindings, unevenFindings } from './findings.ts';
import type { Finding } from './finding.ts';
import type { ReadModelCheck } from './read-model-check.ts';
import { ReadModelReader } from './read-model-reader.ts';

const streamsAPage = 500;
const slotsAPage = 16;
/** Orphans that are named for each partition. */
const mostOrphans = 20;

export interface VerifyOptions {
  readonly readModels?: readonly ReadModelCheck[] | undefined;
  /** Findings after which the walk stops (default 1,000): damage that is everywhere is known by then. */
  readonly mostFindings?: number | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

export interface VerifyProgress {
  readonly check: string;
  /** Share of the check that is done, 0…1; undefined where that is not known. */
  readonly done: number | undefined;
}

/**
 * Walks the whole log and proves that it is whole. Nothing is stopped meanwhile: each statement sees one moment, in which
 * what it compares must agree. Memory is bounded on both sides, by pages here and by work_mem in the server.
 */
export class LogVerifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: VerifyOptions = {},
  ) {}

  /** Every finding, or the first thousand; none when the log is whole. */
  verify(): Promise<Finding[]> {
    return OperatorSession.hold(this.dataSource, async (session) => {
      // Statistics of a table that fills quickly would have it read whole for every slot and stream.
      await session.run(byIndex);
      const found: Finding[] = [];
      for await (const finding of this.walk(session)) {
        found.push(finding);
        if (found.length === (this.options.mostFindings ?? 1_000)) break;
      }
      return found;
    });
  }

  private async *walk(session: OperatorSession): AsyncGenerator<Finding> {
    yield* this.map(session);
    yield* this.epochs(session);
    yield* this.heads(session);
    yield* this.positions(session);
    yield* this.placement(session);
    yield* this.streams(session);
    yield* this.checkpoints(session);
    yield* this.readModels(session);
  }

  private async *map(session: OperatorSession): AsyncGenerator<Finding> {
    this.tell('map', undefined);
    const [row] = await session.query<MapRow>(checkMap);
    yield* mapFindings(row!);
  }

  private async *epochs(session: OperatorSession): AsyncGenerator<Finding> {
    this.tell('epochs', undefined);
    for (const { n, problem } of await session.query<EpochFault>(findEpochFaults)) {
      yield { check: 'epochs', where: `epoch ${n}`, problem };
    }
  }

  private async *heads(session: OperatorSession): AsyncGenerator<Finding> {
    this.tell('heads', undefined);
    for (const row of await session.query<UnevenSlot>(findUnevenSlots)) yield* unevenFindings(row);
  }

  private async *positions(session: OperatorSession): AsyncGenerator<Finding> {
    for (let slot = 0; slot < slotCount; slot += slotsAPage) {
      this.tell('positions', slot / slotCount);
      const rows = await session.query<PositionsRow>(checkPositions, [slot, slot + slotsAPage - 1]);
      for (const row of rows) yield* positionFindings(row);
    }
  }

  private async *placement(session: OperatorSession): AsyncGenerator<Finding> {
    const partitions = (await session.query<{ partition: number }>(listPartitions)).map(({ partition }) => partition);
    for (const [index, partition] of partitions.entries()) {
      this.tell('placement', index / partitions.length);
      for (const { slot } of await session.query<StraySlot>(findStrays, [partition])) {
        const problem = `it has rows in partition ${partition}, which the map does not say`;
        yield { check: 'placement', where: `slot ${slot}`, problem };
      }
      for (const row of await session.query<OrphanRow>(findOrphans, [partition, mostOrphans])) {
        const problem = `${row.events} events are of stream number ${row.stream_no}, which does not exist`;
        yield { check: 'streams', where: `slot ${row.slot}`, problem };
      }
    }
  }

  private async *streams(session: OperatorSession): AsyncGenerator<Finding> {
    const [bounds] = await session.query<{ last: string }>('select coalesce(max(stream_no), 0) as last from streams');
    const last = Number(bounds!.last);
    for (let after = '0'; ;) {
      this.tell('streams', last === 0 ? undefined : Math.min(1, Number(after) / last));
      const page = await session.query<StreamRow>(checkStreams, [after, streamsAPage]);
      for (const row of page) yield* streamFindings(row);
      if (page.length < streamsAPage) return;
      after = page.at(-1)!.stream_no;
    }
  }

  private async *checkpoints(session: OperatorSession): AsyncGenerator<Finding> {
    this.tell('checkpoints', undefined);
    for (const row of await session.query<CheckpointAhead>(findCheckpointsAhead)) yield* checkpointFindings(row);
  }

  private async *readModels(session: OperatorSession): AsyncGenerator<Finding> {
    for (const check of this.options.readModels ?? []) {
      const tell = (done: number | undefined): void => this.tell(check.name, done);
      tell(undefined);
      yield* check.findings(new ReadModelReader(session, tell));
    }
  }

  private tell(check: string, done: number | undefined): void {
    this.options.onProgress?.({ check, done });
  }
}
