/** $1 relay, $2 milliseconds. Holds what is held for longer, and says who else would like it. */
export const renewLeases = `
  update relay_partitions set until = clock_timestamp() + $2 * interval '1 millisecond'
  where owner = $1
  returning partition, fence::float8 as fence, wanted_by is not null and wanted_by <> $1 as wanted`;

/**
 * $1 relay, $2 milliseconds, $3 partitions that are its share. Takes what nobody holds: of its share at once, of others
 * when it has been free for as long again, since whoever should have taken it seems not to reach Kafka.
 */
export const takeLeases = `
  with free as (
    select partition from relay_partitions
    where (owner is null or until < clock_timestamp())
      and (partition = any ($3::smallint[]) or until < clock_timestamp() - $2 * interval '1 millisecond')
    order by partition
    for update skip locked
  )
  update relay_partitions as lease
  set owner = $1, fence = fence + 1, until = clock_timestamp() + $2 * interval '1 millisecond', wanted_by = null
  from free where lease.partition = free.partition
  returning lease.partition, lease.fence::float8 as fence`;

/** $1 relay, $2 partitions that are its share: whoever holds them lets go when it has finished what it is at. */
export const askForLeases = `
  update relay_partitions set wanted_by = $1
  where partition = any ($2::smallint[]) and owner <> $1 and wanted_by is distinct from $1`;

/** $1 relay, $2 partitions. */
export const releaseLeases = `
  update relay_partitions set owner = null, until = clock_timestamp()
  where owner = $1 and partition = any ($2::smallint[])`;
