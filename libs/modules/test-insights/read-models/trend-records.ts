import { bucketCount } from '../domain/duration-histogram.ts';
import { counters, type TrendDelta } from '../domain/trend-deltas.ts';
import { columnsOf } from './columns.ts';

/** The parameters of the statements that add to buckets. @param deltas not empty */
export function recordsOf(deltas: readonly TrendDelta[]): unknown[][] {
  return columnsOf(deltas.map(recordOf));
}

function recordOf({ projectId, at, counts, durations }: TrendDelta): unknown[] {
  const histogram = Array.from({ length: bucketCount }, (_, bucket) => durations.get(bucket) ?? 0);
  return [
    projectId,
    new Date(at).toISOString(),
    ...counters.map((counter) => counts[counter]),
    `{${histogram.join(',')}}`,
  ];
}
