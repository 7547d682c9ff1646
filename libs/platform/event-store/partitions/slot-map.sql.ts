/** The map with the heads of one moment, and that moment by the server's clock. */
export interface SlotRow {
  readonly slot: number;
  readonly partition: number;
  readonly movingFrom: number | null;
  /** bigint, as text */
  readonly position: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export const sampleSlots = `
select slot, partition_id as partition, moving_from as "movingFrom", position,
       extract(epoch from statement_timestamp())::float8 * 1000 as at
from slots order by slot`;

/** $1 slots. Ascending, as appends take them: two orders could wait for each other. */
export const lockSlots = 'select from slots where slot = any ($1::smallint[]) order by slot for update';

/** $1 slots, $2 their targets, $3 the move's id. A slot that is there already, or on its way, stays as it is. */
export const flipSlots = `
with flipped as (
  update slots s set moving_from = s.partition_id, partition_id = u.target
  from unnest($1::smallint[], $2::smallint[]) u (slot, target)
  where s.slot = u.slot and s.partition_id <> u.target and s.moving_from is null
  returning s.position
)
update partition_moves set rows_total = rows_total + coalesce((select sum(position) from flipped), 0) where id = $3`;

export const listMovingSlots = `
select slot, partition_id as target, moving_from as source from slots where moving_from is not null order by slot`;

/** $1 slot, $2 the partition that it has left. */
export const settleSlot = 'update slots set moving_from = null where slot = $1 and moving_from = $2';

/** $1 partition. */
export const isMapped = `
select exists (select from slots where partition_id = $1 or moving_from = $1) as found`;
