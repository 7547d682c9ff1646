import type { TrendStep } from '@testcast/contracts';

/** Milliseconds of a bucket. Days are those of UTC: the same for everybody, and each has 24 hours. */
export const stepMs: Readonly<Record<TrendStep, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Epoch milliseconds at which the bucket of this moment begins. */
export function bucketStart(at: number, step: TrendStep): number {
  return at - (at % stepMs[step]);
}
