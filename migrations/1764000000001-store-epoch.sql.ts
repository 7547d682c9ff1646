/**
 * The timeline that is being written. Of the WAL, not of pg_control_checkpoint(), which names the old one until the first
 * checkpoint after a promotion.
 */
export const createStoreTimeline = `
create function store_timeline() returns text language sql volatile as $$
  select left(pg_walfile_name(pg_current_wal_lsn()), 8)
$$`;

/**
 * Begins the epoch after \`known\`, unless another session has. Whoever sees the fork first takes every slot's lock, so no
 * append of the new history commits before the row that separates it from the old one.
 */
export const createBeginStoreEpoch = `
create function begin_store_epoch(known integer) returns void language plpgsql as $$
begin
  perform 1 from slots order by slot for update;
  insert into store_epochs (n, store_id, system_identifier, timeline, heads)
  select e.n + 1, e.store_id, (pg_control_system()).system_identifier, store_timeline(),
         array(select position from slots order by slot)
  from (select n, store_id from store_epochs order by n desc limit 1) e
  where e.n = known;
end
$$`;

/** Called by every append before it takes a lock: all slots are locked in the same order, whatever the append needs. */
export const createEnsureStoreEpoch = `
create function ensure_store_epoch() returns void language plpgsql as $$
declare
  newest record;
begin
  select n, timeline into newest from store_epochs order by n desc limit 1;
  if newest.timeline is distinct from store_timeline() then
    perform begin_store_epoch(newest.n);
  end if;
end
$$`;
