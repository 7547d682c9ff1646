const columns = `id::text as id, from_server as "from", to_server as "to", ordered, moved, failed, reason, state, problem,
    floor(extract(epoch from ordered_at) * 1000)::float8 as "orderedAt",
    floor(extract(epoch from started_at) * 1000)::float8 as "startedAt",
    floor(extract(epoch from ended_at) * 1000)::float8 as "endedAt"`;

/** $1 fence, $2 reason; $3 from, $4 to, $5 connections: arrays of one length. */
export const insertMoves = `
  insert into cluster_moves (fence, reason, from_server, to_server, ordered)
  select $1, $2, o.from_server, o.to_server, o.ordered
  from unnest($3::text[], $4::text[], $5::integer[]) as o (from_server, to_server, ordered)
  returning ${columns}`;

export const readOpenMoves = `select ${columns} from cluster_moves where ended_at is null order by id`;

/** $1 how many. */
export const readRecentMoves = `select ${columns} from cluster_moves order by id desc limit $1`;

/** $1 giver. Those that a later leader has not ordered are left to expire: who ordered them decides no longer. */
export const beginMoves = `
  update cluster_moves set state = 'running', started_at = clock_timestamp()
  where from_server = $1 and state = 'ordered' and fence = (select fence from cluster_leader)
  returning ${columns}`;

/** $1 id, $2 moved, $3 failed. */
export const reportMove = `
  update cluster_moves set moved = $2, failed = $3 where id = $1 and state = 'running'`;

/** $1 id, $2 state, $3 moved, $4 failed, $5 problem. */
export const endMove = `
  update cluster_moves set state = $2, moved = $3, failed = $4, problem = $5, ended_at = clock_timestamp()
  where id = $1 and state = 'running'`;

/** $1, $2 milliseconds within which an order must be begun, and within which one that was begun must be ended. */
export const expireMoves = `
  update cluster_moves
  set state = case state when 'ordered' then 'expired' else 'failed' end,
      problem = case
        when state = 'running' then 'the giver has not ended it in time'
        when fence < (select fence from cluster_leader) then 'who ordered it leads no longer'
        else 'the giver has not begun it in time' end,
      ended_at = clock_timestamp()
  where ended_at is null and case state
    when 'ordered' then ordered_at < clock_timestamp() - $1 * interval '1 millisecond'
      or fence < (select fence from cluster_leader)
    else started_at < clock_timestamp() - $2 * interval '1 millisecond' end`;

/** $1 how many are kept at the most, $2 days. */
export const pruneMoves = `
  delete from cluster_moves
  where ended_at is not null and (
    id <= (select max(id) from cluster_moves) - $1 or ended_at < clock_timestamp() - $2 * interval '1 day')`;
