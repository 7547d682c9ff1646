export interface CheckpointAhead {
  readonly reader: string;
  readonly slot: number;
  readonly position: string;
  readonly head: string;
}

/** Readers that say they have read what the log does not have. */
export const findCheckpointsAhead = `
select c.reader, c.slot, c.position, s.position as head
from (
  select projection || ' ' || version as reader, slot, position from projection_checkpoints
  union all
  select 'relay', slot, published from relay_slots
) c
join slots s on s.slot = c.slot
where c.position > s.position
order by c.reader, c.slot`;
