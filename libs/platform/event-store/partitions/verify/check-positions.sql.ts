export interface PositionsRow {
  readonly slot: number;
  /** bigint, as text, as are the others */
  readonly head: string;
  readonly events: string;
  readonly last: string;
  /** The first position that does not follow the one before it; null when all do. */
  readonly broken: string | null;
}

/** $1 first slot, $2 last slot. */
export const checkPositions = `
select s.slot, s.position as head, x.events, x.last, x.broken
from slots s
cross join lateral (
  select count(*) as events, coalesce(max(r.position), 0) as last,
         min(r.position) filter (where r.position <> r.previous + 1) as broken
  from (
    select p.position, lag(p.position, 1, 0::bigint) over (order by p.position) as previous
    from (
      select position from events where partition_id = s.partition_id and slot = s.slot
      union all
      select position from events where partition_id = s.moving_from and slot = s.slot
    ) p
  ) r
) x
where s.slot between $1 and $2
order by s.slot`;
