export interface StraySlot {
  readonly slot: number;
}

/** $1 partition. Slots with rows there which the map has elsewhere, each found by one look into the index. */
export const findStrays = `
with recursive present as (
  (select slot from events where partition_id = $1 order by slot limit 1)
  union all
  select (select e.slot from events e where e.partition_id = $1 and e.slot > p.slot order by e.slot limit 1)
  from present p where p.slot is not null
)
select p.slot from present p
where p.slot is not null
  and not exists (select from slots s where s.slot = p.slot and (s.partition_id = $1 or s.moving_from = $1))
order by p.slot`;
