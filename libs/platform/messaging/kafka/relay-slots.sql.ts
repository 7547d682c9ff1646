/** $1 slots. Positions up to which they have been published. */
export const readPublished = `
  select slot, published::float8 as published from relay_slots where slot = any ($1::smallint[])`;

/**
 * $1 relay, $2 partitions and $3 fences under which it holds them, $4 partitions in the topic, $5 slots, $6 positions up
 * to which they have been published, $7 epoch of the log in which they were read, or null.
 *
 * No position goes back, and what another relay has taken over since is left alone. Returns the partitions that are still
 * held.
 */
export const movePublished = `
  with held as (
    select lease.partition from relay_partitions as lease
    join unnest($2::smallint[], $3::bigint[]) as mine (partition, fence) using (partition, fence)
    -- Does not wait for the disk: what a crash forgets is published again, and readers drop it.
    where (select set_config('synchronous_commit', 'off', true)) is not null
      and lease.owner = $1 and ($7::text is null or $7 = (select store_epoch()))
    for share of lease
  ), moved as (
    update relay_slots as relay set published = moved.position
    from unnest($5::smallint[], $6::bigint[]) as moved (slot, position)
    where relay.slot = moved.slot and relay.published < moved.position
      and moved.slot % $4 in (select partition from held)
  )
  select partition from held`;
