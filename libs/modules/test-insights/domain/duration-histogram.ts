/**
 * Durations counted in fixed buckets that grow by a factor, after DDSketch (Masson, Rim and Lee: DDSketch, VLDB 2019,
 * section 2). Two histograms are added bucket by bucket, and what was counted can be taken out again, which no sampled
 * or adaptive sketch allows: that is what makes corrections and roll-ups of roll-ups exact.
 *
 * Bucket 0 holds durations under 1 ms; bucket k holds those in (γ^(k-2), γ^(k-1)] ms; the last one all above.
 */
const gamma = (1 + 0.05) / (1 - 0.05);
const logGamma = Math.log(gamma);

/** A percentile is at most this share off the duration of that rank: (γ - 1) / (γ + 1), by the choice of γ. */
export const percentileError = 0.05;

/** Also the length of the columns `durations`, so that another number is another version of the rows. */
export const bucketCount = 160;

/** Milliseconds up to which the error holds: 1 h 51 min. Longer durations count, and are reported as about this. */
export const longestDurationMs = gamma ** (bucketCount - 3);

/** @param durationMs not negative */
export function bucketOf(durationMs: number): number {
  if (durationMs < 1) return 0;
  return Math.min(bucketCount - 1, 1 + Math.ceil(Math.log(durationMs) / logGamma));
}

/** The one value whose distance to either end of the bucket is the same share of that end; milliseconds. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : (2 * gamma ** (bucket - 1)) / (gamma + 1);
}

/**
 * The percentile by nearest rank: the smallest duration that at least this share of all does not exceed.
 *
 * @param counts one a bucket
 * @param share 0.5 for the median
 * @returns milliseconds; null when nothing was counted
 */
export function percentile(counts: readonly number[], share: number): number | null {
  let total = 0;
  for (const count of counts) total += count;
  if (total <= 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let bucket = 0;
  for (let seen = counts[0]!; seen < rank; seen += counts[bucket]!) bucket += 1;
  return middleOf(bucket);
}
