export interface EpochFault {
  readonly n: number;
  readonly problem: string;
}

/** Epochs follow each other, belong to one store, and fork at heads that never go back. */
export const findEpochFaults = `
select e.n, f.problem
from (
  select n, store_id, heads, cardinality(heads) as slots,
         lag(n) over w as n_before, lag(store_id) over w as store_before, lag(heads) over w as heads_before,
         row_number() over w as no
  from store_epochs window w as (order by n)
) e
cross join lateral (
  select 'it has number ' || e.n || ' where ' || e.no || ' would follow' as problem where e.n <> e.no
  union all
  select 'it is of another store than the epoch before it' where e.store_id <> e.store_before
  union all
  select 'it has ' || e.slots || ' heads instead of 256' where e.slots <> 256
  union all
  select 'it forked behind the epoch before it in slot ' || min(u.slot - 1)
  from unnest(e.heads, e.heads_before) with ordinality u (head, head_before, slot)
  where u.head < u.head_before having count(*) > 0
  union all
  select 'it forked after the head of slot ' || min(s.slot)
  from slots s where e.heads[s.slot + 1] > s.position having count(*) > 0
) f
union all
select 0, 'there is no epoch' where not exists (select from store_epochs)
order by 1, 2`;
