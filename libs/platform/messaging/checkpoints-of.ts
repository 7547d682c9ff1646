import type { ProjectionOptions } from './projection.ts';

/** Table of the checkpoints: `(projection, version, slot, position, parked, moved_at)`, one row a slot. */
export const checkpointsTable = 'projection_checkpoints';

/** Table of the streams that projections have set aside: `(projection, version, stream, slot, …)`. Their rows are stale. */
export const parkedStreamsTable = 'parked_streams';

/** Table of the events that an operator had projections leave out: `(projection, stream, version, …)`. */
export const discardedEventsTable = 'discarded_events';

/**
 * SQL expression: a JSON object `slot → position` of how far the projection has read. Put into the statement that reads
 * its rows, both are of one moment; in a statement of its own it would promise rows that the other one did not see.
 *
 * To have it also when no row matches, join the rows to it:
 *
 *     select checkpoints.positions, run.*
 *     from (select ${checkpointsOf(runs, '$2')} as positions) as checkpoints
 *     left join runs as run on run.run_id = any($1)
 *
 * @param slots SQL of an array of slots, such as `$2`; the expression casts it
 */
export function checkpointsOf(projection: Pick<ProjectionOptions, 'name' | 'version'>, slots: string): string {
  return `(
    select coalesce(jsonb_object_agg(slot, position), '{}')
    from ${checkpointsTable}
    where projection = ${literal(projection.name)} and version = ${liveBuildOf(projection)}
      and slot = any((${slots})::smallint[])
  )`;
}

/**
 * SQL expression: the number under which checkpoints and parked streams of the rows are kept that queries read now. A
 * rebuild changes it in the transaction that shows its rows.
 */
export function liveBuildOf({ name, version }: Pick<ProjectionOptions, 'name' | 'version'>): string {
  return `coalesce(
    (select number from projection_builds where projection = ${literal(name)} and state = 'live'), ${version})`;
}

/**
 * SQL expression: whether nobody writes the rows that queries read, since the code of their version is gone and the next
 * version's tables are being filled. In a cluster the old release goes on with them until then.
 */
export function standsStill({ name }: Pick<ProjectionOptions, 'name'>): string {
  return `exists (
    select from projection_builds as live
    join projection_builds as next on next.projection = live.projection and next.state = 'filling'
    where live.projection = ${literal(name)} and live.state = 'live' and next.version > live.version
      and not exists (
        select from projectors
        where (versions ->> live.projection)::integer = live.version
          and seen_at > clock_timestamp() - interval '10 seconds'
      )
  )`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What the driver makes of `checkpointsOf`, as a map of slot → position. */
export function parseCheckpoints(positions: Readonly<Record<string, number>>): ReadonlyMap<number, number> {
  return new Map(Object.entries(positions).map(([slot, position]) => [Number(slot), position]));
}
