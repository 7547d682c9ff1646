/** $1 server. */
export const drainServer = `insert into cluster_drains (server_id) values ($1) on conflict do nothing`;

/** $1 server. */
export const undrainServer = `delete from cluster_drains where server_id = $1`;

/** Milliseconds are of the database's clock. */
export const readDrainedServers = `
  select server_id as "serverId", extract(epoch from clock_timestamp() - since)::float8 * 1000 as "forMs"
  from cluster_drains order by server_id`;

/** $1 server: it is there. Once an hour, since each beat would write for nothing. */
export const noteDrainedServer = `
  update cluster_drains set seen_at = clock_timestamp()
  where server_id = $1 and seen_at < clock_timestamp() - interval '1 hour'`;

/** $1 days. */
export const forgetDrainedServers = `
  delete from cluster_drains where seen_at < clock_timestamp() - $1 * interval '1 day'`;
