import { z } from 'zod';
import { timestampSchema } from './ids.ts';

/** Buckets of a trend, the finest first. Days are those of UTC. */
export const trendSteps = ['minute', 'hour', 'day'] as const;
export const trendStepSchema = z.enum(trendSteps);
export type TrendStep = z.infer<typeof trendStepSchema>;

export const trendLimits = {
  /** Longest time that one answer covers. */
  spanMs: 400 * 86_400_000,
  /** Time that an answer covers when the request names none. */
  defaultSpanMs: 30 * 86_400_000,
  /** Points of an answer when the request leaves the step to the server. */
  defaultPoints: 1000,
  points: 2000,
} as const;

const momentSchema = z.coerce.number().pipe(timestampSchema);

/** `GET /v1/projects/:projectId/trends`: epoch milliseconds; without `to` until now, without `from` the 30 days before. */
export const trendsQuerySchema = z.object({
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  step: trendStepSchema.optional(),
});
export type TrendsQuery = z.infer<typeof trendsQuerySchema>;

/** Arrays of one length, an entry a bucket, oldest first; buckets in which nothing happened are there, with zeros. */
export interface Trends {
  step: TrendStep;
  /** Beginning of the first bucket: later than asked for where finer data is kept for less long. */
  from: number;
  /** End of the last bucket, which may not be over. */
  to: number;
  /** Beginnings of the buckets. */
  at: number[];
  /** Tests, each once, in the bucket in which it first had an outcome and under the outcome that it has now. */
  results: number[];
  passed: number[];
  failed: number[];
  flaky: number[];
  skipped: number[];
  /** Attempts that finished in the bucket, retries included. */
  attempts: number[];
  /** The same for each minute of the bucket that has passed. */
  attemptsPerMinute: number[];
  /** Workers that were busy at some time of the minute or hour; of a day, the most that were in one of its hours. */
  workers: number[];
  /** Milliseconds, of the tests that ran; null where none did. */
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  /** By which share p50Ms and p95Ms may be off. */
  percentileError: number;
}
