/** $1 id, $2 version of each projection's code, as JSON. Who has been silent for long is forgotten. */
export const beat = `
  with silent as (
    delete from projectors where seen_at < clock_timestamp() - interval '1 minute' and id <> $1
  )
  insert into projectors (id, versions) values ($1, $2)
  on conflict (id) do update set seen_at = clock_timestamp(), versions = excluded.versions`;

/** $1 own id, $2 milliseconds after which a silent one counts as gone. */
export const present = `
  select id, versions from projectors
  where id = $1 or seen_at > clock_timestamp() - $2 * interval '1 millisecond' order by id`;

/** $1 id. */
export const leave = `delete from projectors where id = $1`;
