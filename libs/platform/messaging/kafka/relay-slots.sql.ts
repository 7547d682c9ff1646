/** $1: the lock's number. The lock is the session's: it ends with the connection, however that ends. */
export const takeRelayLock = 'select pg_try_advisory_lock($1) as taken';

/** In the order of the slots. */
export const readPublished = 'select published::float8 as published from relay_slots order by slot';

/** $1: slots, $2: positions up to which they have been published. Never goes back. */
export const movePublished = `
update relay_slots as relay set published = moved.position
from unnest($1::smallint[], $2::bigint[]) as moved (slot, position)
where relay.slot = moved.slot and relay.published < moved.position`;
