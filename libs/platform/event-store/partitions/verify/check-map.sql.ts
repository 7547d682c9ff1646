import { listPartitions } from '../partition-tables.sql.ts';

export interface MapRow {
  readonly slots: number;
  /** Slots whose partition, or the one that they leave, is no table of the log. */
  readonly lost: number[];
  /** Slots that are moving from where they are. */
  readonly confused: number[];
}

/** With the tables of the same moment: read before, they would lack the one to which a slot goes meanwhile. */
export const checkMap = `
with attached as (${listPartitions})
select count(*)::int as slots,
       coalesce(array_agg(slot order by slot) filter (
         where partition_id not in (select partition from attached)
            or (moving_from is not null and moving_from not in (select partition from attached))
       ), '{}') as lost,
       coalesce(array_agg(slot order by slot) filter (where moving_from = partition_id), '{}') as confused
from slots where slot between 0 and 255`;
