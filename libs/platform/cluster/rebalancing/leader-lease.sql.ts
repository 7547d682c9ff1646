/**
 * $1 start of a server, $2 its id, $3 milliseconds. Holds what is held, takes what is free, else answers nothing. The fence
 * grows whenever the lease goes to another.
 */
export const renewOrTakeLead = `
  update cluster_leader
  set owner = $1, server_id = $2, until = clock_timestamp() + $3 * interval '1 millisecond',
      fence = case when owner = $1 then fence else fence + 1 end
  where owner = $1 or owner is null or until < clock_timestamp()
  returning fence::float8 as fence`;

/** $1 start of a server. */
export const releaseLead = `
  update cluster_leader set owner = null, until = clock_timestamp() where owner = $1`;

/** Who leads now; nobody where the lease has run out. */
export const readLeader = `
  select server_id as "serverId" from cluster_leader where owner is not null and until >= clock_timestamp()`;

/** $1 fence, null for an admin who decides by hand under the fence of the day. Until commit nobody else decides. */
export const lockLead = `
  select fence::float8 as fence from cluster_leader
  where $1::bigint is null or (fence = $1 and until >= clock_timestamp())
  for update`;
