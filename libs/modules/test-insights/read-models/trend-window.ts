import type { TrendStep } from '@testcast/contracts';
import { bucketStart, stepMs } from '../domain/buckets.ts';

/** What an answer covers: whole buckets, `to` exclusive; epoch milliseconds. */
export interface TrendWindow {
  readonly step: TrendStep;
  readonly from: number;
  readonly to: number;
}

/** The buckets that have a part of this time. @param to exclusive */
export function wholeBuckets(from: number, to: number, step: TrendStep): TrendWindow {
  return { step, from: bucketStart(from, step), to: bucketStart(to - 1, step) + stepMs[step] };
}

export function pointsOf({ step, from, to }: TrendWindow): number {
  return (to - from) / stepMs[step];
}

/** Without the buckets that begin before `since`: zeros for a time that is not kept would be a lie. */
export function since(moment: number, { step, from, to }: TrendWindow): TrendWindow {
  const kept = bucketStart(moment + stepMs[step] - 1, step);
  return { step, from: Math.min(Math.max(from, kept), to), to };
}
