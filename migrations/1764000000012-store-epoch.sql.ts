/** As before, with a fork that no other epoch of the same number has. */
export const beginStoreEpoch = `
create or replace function begin_store_epoch(known integer) returns void language plpgsql as $$
begin
  perform 1 from slots order by slot for update;
  insert into store_epochs (n, store_id, system_identifier, timeline, heads, fork)
  select e.n + 1, e.store_id, (pg_control_system()).system_identifier, store_timeline(),
         array(select position from slots order by slot), '-' || left(gen_random_uuid()::text, 8)
  from (select n, store_id from store_epochs order by n desc limit 1) e
  where e.n = known;
end
$$`;

/** The epoch in which this server writes; null while nobody has begun the one that a fail-over or a restore calls for. */
export const storeEpoch = `
create or replace function store_epoch() returns text language sql volatile as $$
  select case when timeline = store_timeline() then store_id || '.' || n || fork end
  from store_epochs order by n desc limit 1
$$`;
