import type { PreparedStatement } from '#platform/database';

/** $1 projection, $2 version: a row for every slot; those that are there stay. */
export const createCheckpoints = `
  insert into projection_checkpoints (projection, version, slot)
  select $1, $2, slot from generate_series(0, 255) as slot
  on conflict do nothing`;

/** $1 projection, $2 version. */
export const readCheckpoints = `
  select slot, position::float8 as position
  from projection_checkpoints
  where projection = $1 and version = $2
  order by slot`;

/**
 * For the transaction that it stands in, at no cost of a statement. What a crash of the server takes was acknowledged to
 * nobody but the engine, which looks for it: checkpoint and rows go together (docs/adr/0028).
 */
const withoutFlush = `(select set_config('synchronous_commit', 'off', true)) is not null`;

/**
 * $1 projection, $2 version, $3 slots, $4 whether the commit is to wait for the disk. Locks ascending, so that two processes with overlapping batches wait for each
 * other instead of deadlocking. What comes back is what the holder before has committed.
 */
export const holdCheckpoints: PreparedStatement = {
  name: 'hold-checkpoints',
  text: `
  select slot, position::float8 as position, parked, (select store_epoch()) as epoch
  from projection_checkpoints
  where projection = $1 and version = $2 and slot = any($3::smallint[]) and ($4::boolean or ${withoutFlush})
  order by slot
  for update`,
};

/**
 * $1 projection, $2 version, $3 slots, $4 from, $5 to, $6 epoch of the log or null: moves those that are at their \`from\`, and says which; none where
 * the log has another epoch. Slots are
 * named by plain equality, also for what is held: joined to a list of moves, all 256 of them were compared with each move,
 * which took 2 ms where it takes 0.2.
 */
export const moveCheckpoints: PreparedStatement = {
  name: 'move-checkpoints',
  text: `
  with held as (
    select slot
    from projection_checkpoints
    where projection = $1 and version = $2 and slot = any($3::smallint[])
      and position = ($4::bigint[])[array_position($3::smallint[], slot)]
      and ($6::text is null or $6 = (select store_epoch())) and ${withoutFlush}
    order by slot
    for update
  )
  update projection_checkpoints
  set position = ($5::bigint[])[array_position($3::smallint[], slot)], moved_at = clock_timestamp()
  where projection = $1 and version = $2 and slot = any(array(select slot from held))
  returning slot`,
};
