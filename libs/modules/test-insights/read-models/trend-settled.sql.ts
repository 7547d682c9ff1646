import type { PreparedStatement } from '#platform/database';
import { endsOfClosedStreams, holdClosings } from '#platform/event-store';
import type { Inheritance, ProjectionTable } from '#platform/messaging';
import { stepMs } from '../domain/buckets.ts';
import { longestLeadMs, longestSetbackMs } from '../domain/event-time.ts';
import { bucketColumns } from './trend-buckets.sql.ts';

/**
 * Before this moment (epoch milliseconds, a midnight of UTC) the buckets of a project were taken over from the build before,
 * since events of that time have been erased.
 */
const settled: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      project_id text collate "C" primary key,
      since bigint not null
    )`,
};

/** Up to this position of a slot its events are in what was taken over. */
const settledSlots: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      slot smallint primary key,
      position bigint not null
    )`,
};

export const settledTables = { trend_settled: settled, trend_settled_slots: settledSlots };

/**
 * What a new build begins with: of projects of which runs have been erased, the buckets before the first midnight after all
 * that is gone (`settledSince`). Whatever counts later was recorded later, and is in the log. One statement, so that the
 * buckets have what the checkpoints say; and no run is closed meanwhile, since whoever erases it has to see this build first.
 */
export function inheritTrends({ live, table }: Inheritance): string[] {
  const takeOver = (name: string, kept = 'true'): string => `
    insert into ${table(name)} (${bucketColumns})
    select ${bucketColumns} from ${live.table(name)} join settled using (project_id)
    where at < to_timestamp(settled.since / 1000) and ${kept}`;
  return [
    holdClosings,
    `
    with settled as (
      insert into ${table('trend_settled')} (project_id, since)
      select split_part(substr(stream, 5), '/', 1),
        (max(recorded_at) + ${longestLeadMs + longestSetbackMs}) / ${stepMs.day} * ${stepMs.day} + ${stepMs.day}
      from ${endsOfClosedStreams('run:', 'run.erased')} as closed
      group by 1
      returning project_id, since
    ), slots as (
      insert into ${table('trend_settled_slots')} (slot, position)
      select slot, position from projection_checkpoints where projection = 'trends' and version = ${live.number}
    ), minutes as (${takeOver('trend_minutes', `at >= (select since from trend_kept where step = 'minute')`)}
    ), hours as (${takeOver('trend_hours')}
    )${takeOver('trend_days')}`,
  ];
}

/** $1 projectIds. */
export const selectSettled = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `select project_id as "projectId", since::float8 as since from ${table} where project_id = any ($1::text[])`,
});

/** $1 slots. */
export const selectSettledSlots = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `select slot, position::float8 as position from ${table} where slot = any ($1::smallint[])`,
});
