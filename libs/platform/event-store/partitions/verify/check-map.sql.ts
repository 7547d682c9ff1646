export interface MapRow {
  readonly slots: number;
  /** Slots whose partition, or the one that they leave, is no table of the log. */
  readonly lost: number[];
  /** Slots that are moving from where they are. */
  readonly confused: number[];
}

/** $1: numbers of the attached partitions. */
export const checkMap = `
select count(*)::int as slots,
       coalesce(array_agg(slot order by slot) filter (
         where partition_id <> all ($1::int[]) or (moving_from is not null and moving_from <> all ($1::int[]))
       ), '{}') as lost,
       coalesce(array_agg(slot order by slot) filter (where moving_from = partition_id), '{}') as confused
from slots where slot between 0 and 255`;
