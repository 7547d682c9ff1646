import type { TrendStep } from '@testcast/contracts';
import { checkpointsOf, discardedEventsTable, liveBuildOf, parkedStreamsTable } from '#platform/messaging';
import { counters } from '../domain/trend-deltas.ts';
import { trendsProjection } from '../read-models/trends-projection.options.ts';

const projects = `
  select distinct split_part(substr(stream, 5), '/', 1) collate "C" as project from streams
  where stream >= 'run:' and stream < 'run;' and stream ~ '^run:[^/]+/[^/]+$'`;

export const countProjects = `select count(*)::int as projects from (${projects}) as every`;

/** $1 how many projects, by chance. */
export const sampleProjects = `select project from (${projects}) as every order by random() limit $1`;

/** $1 the last project of the page before, $2 how many projects. */
export const listProjects = `select project from (${projects}) as every where project > $1 order by project limit $2`;

/** The project's run streams are those in between, in the order of C. */
export const streamsOf = (project: string): [first: string, end: string] => [`run:${project}/`, `run:${project}0`];

/** $1 stream after which, $2 the end of the project's streams, $3 how many. */
export const listRunsOfProject = `
  select stream, slot from streams
  where stream > $1 and stream < $2 and stream ~ '^run:[^/]+/[^/]+$' order by stream limit $3`;

/** How far the projection has read, what it has not applied of the project, and which buckets are kept. */
export interface TrendsReadRow {
  /** slot → position; without the slots of which nothing was read */
  readonly read: Readonly<Record<string, number>>;
  /** stream → version from which on its events are set aside */
  readonly parked: Readonly<Record<string, number>>;
  /** stream → versions that were left out by order */
  readonly discarded: Readonly<Record<string, readonly number[]>>;
  /** Epoch milliseconds. */
  readonly since: Readonly<Partial<Record<TrendStep, number>>>;
}

/** $1, $2 of `streamsOf`. */
export const readTrendsState = `
  select ${checkpointsOf(trendsProjection, 'array(select slot from slots)')} as read,
    (select coalesce(jsonb_object_agg(stream, first_version), '{}') from ${parkedStreamsTable}
     where projection = '${trendsProjection.name}' and version = ${liveBuildOf(trendsProjection)}
       and stream >= $1 and stream < $2) as parked,
    (select coalesce(jsonb_object_agg(stream, versions), '{}') from (
       select stream, jsonb_agg(version) as versions from ${discardedEventsTable}
       where projection = '${trendsProjection.name}' and stream >= $1 and stream < $2 group by stream
     ) as left_out) as discarded,
    (select coalesce(jsonb_object_agg(step, extract(epoch from since) * 1000), '{}') from trend_kept) as since`;

/** $1 project, $2 moment (epoch milliseconds) before which buckets are not kept any more. */
export const readBuckets = (step: TrendStep): string => `
  select (extract(epoch from at) * 1000)::float8 as at, ${counters.join(', ')},
    coalesce((
      select string_agg((bucket - 1) || ':' || count, ' ' order by bucket)
      from unnest(durations) with ordinality as histogram (count, bucket) where count <> 0
    ), '') as durations
  from trend_${step}s where project_id = $1 and at >= to_timestamp($2::float8 / 1000)`;
