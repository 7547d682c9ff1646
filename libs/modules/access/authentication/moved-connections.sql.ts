/** $1 hashes, $2 what is moved as JSON texts, $3 milliseconds. What nobody came for goes with it. */
export const putMovedConnections = `
  with gone as (delete from moved_connections where expires_at <= now())
  insert into moved_connections (token_hash, moved, expires_at)
  select token_hash, moved::json, now() + $3::float8 * interval '1 millisecond'
  from unnest($1::bytea[], $2::text[]) as entry (token_hash, moved)`;

/** $1 hash. Two who come at once delete one row: the second finds none. */
export const takeMovedConnection = `
  delete from moved_connections where token_hash = $1
  returning moved, expires_at > now() as "inTime"`;
