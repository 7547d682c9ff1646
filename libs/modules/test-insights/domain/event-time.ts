import { bucketStart, stepMs } from './buckets.ts';

/** Milliseconds: a suite that was offline over the holidays still counts where it ran. Above it a clock is wrong. */
export const longestDelayMs = 7 * 86_400_000;
/** Milliseconds that a sender's clock may be ahead. */
export const longestLeadMs = 5 * 60_000;

/** Milliseconds by which clocks of servers that the log has been on may have gone back. */
export const longestSetbackMs = 3_600_000;

/** The first midnight of UTC after all times of events that were recorded up to a moment: whatever counts from then on came later. */
export function settledSince(recordedAt: number): number {
  const latest = recordedAt + longestLeadMs + longestSetbackMs;
  return bucketStart(latest, 'day') + stepMs.day;
}

/**
 * When an event happened: the sender's word, unless it is more than 7 days before, or 5 minutes after, the moment at which
 * the store recorded it; then that moment. A report without times, or a machine that thinks it is 1970, would otherwise
 * count where nobody looks, and one of next year would hold a bucket open until then.
 */
export function timeOf({ at, recordedAt }: { readonly at: number; readonly recordedAt: number }): number {
  return at < recordedAt - longestDelayMs || at > recordedAt + longestLeadMs ? recordedAt : at;
}
