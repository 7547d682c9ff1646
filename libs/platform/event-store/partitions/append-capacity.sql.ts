/** Events a second, with what this server took when it was last measured; no row before that. */
export const readCapacity = `
select events_per_second as "eventsPerSecond", extract(epoch from clock_timestamp() - measured_at)::float8 as age
from append_capacity`;

/** $1 events a second. */
export const keepCapacity = `
insert into append_capacity (events_per_second) values ($1)
on conflict (only_row) do update set events_per_second = excluded.events_per_second, measured_at = clock_timestamp()`;
