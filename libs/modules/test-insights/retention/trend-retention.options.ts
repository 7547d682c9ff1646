/** For how many days (UTC) roll-ups are kept; those by day are kept for ever. */
export interface TrendRetentionOptions {
  /** Default 14. */
  readonly minutesDays?: number | undefined;
  /** Default 730. */
  readonly hoursDays?: number | undefined;
}

export const trendRetentionOptions = Symbol('testcast:trend-retention');
