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
 * $1 projection, $2 version, $3 slots. Locks ascending, so that two processes with overlapping batches wait for each
 * other instead of deadlocking. What comes back is what the holder before has committed.
 */
export const holdCheckpoints = `
  select slot, position::float8 as position, parked
  from projection_checkpoints
  where projection = $1 and version = $2 and slot = any($3::smallint[])
  order by slot
  for update`;

/** $1 projection, $2 version, $3 slots, $4 from, $5 to: moves those that are at their `from`, and says which. */
export const moveCheckpoints = `
  with moves as (
    select * from unnest($3::smallint[], $4::bigint[], $5::bigint[]) as move (slot, from_position, to_position)
  ), held as (
    select checkpoint.slot, moves.to_position
    from projection_checkpoints as checkpoint
    join moves on moves.slot = checkpoint.slot and moves.from_position = checkpoint.position
    where checkpoint.projection = $1 and checkpoint.version = $2
    order by checkpoint.slot
    for update of checkpoint
  ), moved as (
    update projection_checkpoints as checkpoint
    set position = held.to_position, moved_at = clock_timestamp()
    from held
    where checkpoint.projection = $1 and checkpoint.version = $2 and checkpoint.slot = held.slot
    returning checkpoint.slot
  )
  select slot from moved`;
