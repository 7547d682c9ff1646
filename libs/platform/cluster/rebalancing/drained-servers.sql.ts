/** $1 server. */
export const drainServer = `insert into cluster_drains (server_id) values ($1) on conflict do nothing`;

/** $1 server. */
export const undrainServer = `delete from cluster_drains where server_id = $1`;

/** Milliseconds are of the database's clock. */
export const readDrainedServers = `
  select server_id as "serverId", extract(epoch from clock_timestamp() - since)::float8 * 1000 as "forMs"
  from cluster_drains order by server_id`;
