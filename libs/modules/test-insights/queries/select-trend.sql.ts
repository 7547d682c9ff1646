import type { TrendStep } from '@testcast/contracts';

const views: Readonly<Record<TrendStep, string>> = { minute: 'trend_minutes', hour: 'trend_hours', day: 'trend_days' };

/** $1 projectId, $2 from (milliseconds), $3 to, exclusive. */
export const selectTrend = (step: TrendStep): string => `
  select (extract(epoch from at) * 1000)::float8 as at,
    results, passed, failed, flaky, skipped, attempts, workers, durations::text as durations
  from ${views[step]}
  where project_id = $1 and at >= to_timestamp($2::float8 / 1000) and at < to_timestamp($3::float8 / 1000)
  order by at`;

/** Of each step that is not kept for ever, the moment (milliseconds) from which on it is. */
export const selectKept = `
  select step, (extract(epoch from since) * 1000)::float8 as since from trend_kept`;
