/**
 * Appends a batch and answers per event, in the order given: status 0 appended, 1 duplicate, 2 clash, 3 conflict,
 * 4 refused (a checked append whose expectation holds, yet some of its ids are known). \`version\` and \`place\` are the
 * event's version and position; of a conflict the stream's version and guard.
 *
 * a_…: one element an append; a_rule 0 unchecked, 1 expects the version, 2 expects the guard.
 * e_…: one element an event; e_append numbers its append from 1.
 *
 * Three statements that need their order. The locks come first and alone: a statement that locked and read would read
 * with a snapshot from before it got the lock, and give two events one version. Then the ids that are known, with plain
 * equality on partition_id: anything else probes every partition for every event.
 */
export const createAppendEvents = `
create function append_events(
  a_slot smallint[], a_stream text[], a_rule smallint[], a_expected bigint[],
  e_append integer[], e_id uuid[], e_digest bytea[], e_lifecycle boolean[],
  e_type text[], e_at bigint[], e_data text[], e_detail text[]
) returns table (status smallint, version bigint, place bigint, recorded_at bigint)
language plpgsql as $f$
#variable_conflict use_column
declare
  now_ms bigint;
  k_version bigint[];
  k_position bigint[];
  k_digest bytea[];
  k_lifecycle boolean[];
begin
  if 0 < any (a_rule) and exists (
    select from unnest(a_stream, a_rule) u (stream, rule) group by u.stream having count(*) > 1 and max(u.rule) > 0
  ) then
    raise exception 'a stream with a checked append has another append in the batch' using errcode = 'invalid_parameter_value';
  end if;

  perform ensure_store_epoch();
  perform 1 from slots s where s.slot = any (a_slot) order by s.slot for update;
  now_ms := floor(extract(epoch from clock_timestamp()) * 1000);

  if exists (select from slots s where s.slot = any (a_slot) and s.moving_from is not null) then
    select array_agg(x.version order by e.ord), array_agg(x.position order by e.ord),
           array_agg(x.digest order by e.ord), array_agg(x.lifecycle order by e.ord)
      into k_version, k_position, k_digest, k_lifecycle
    from unnest(e_append, e_id) with ordinality e (no, id, ord)
    join slots s on s.slot = a_slot[e.no]
    left join streams st on st.stream = a_stream[e.no]
    left join lateral (
      select c.version, c.position, c.digest, c.lifecycle from events c
      where c.partition_id = s.partition_id and c.stream_no = st.stream_no and c.event_id = e.id
      union all
      select o.version, o.position, o.digest, o.lifecycle from events o
      where o.partition_id = s.moving_from and o.stream_no = st.stream_no and o.event_id = e.id
    ) x on true;
  else
    select array_agg(x.version order by e.ord), array_agg(x.position order by e.ord),
           array_agg(x.digest order by e.ord), array_agg(x.lifecycle order by e.ord)
      into k_version, k_position, k_digest, k_lifecycle
    from unnest(e_append, e_id) with ordinality e (no, id, ord)
    join slots s on s.slot = a_slot[e.no]
    left join streams st on st.stream = a_stream[e.no]
    left join lateral (
      select c.version, c.position, c.digest, c.lifecycle from events c
      where c.partition_id = s.partition_id and c.stream_no = st.stream_no and c.event_id = e.id
    ) x on true;
  end if;

  return query
  with a as materialized (
    select u.no, u.slot, u.stream, u.rule, u.expected, s.partition_id, s.position,
           st.stream_no, coalesce(st.version, 0) as version, coalesce(st.guard, 0) as guard
    from unnest(a_slot, a_stream, a_rule, a_expected) with ordinality u (slot, stream, rule, expected, no)
    join slots s on s.slot = u.slot
    left join streams st on st.stream = u.stream
  ), e as materialized (
    select u.*, a.slot, a.stream, a.rule, a.expected, a.partition_id, a.position, a.stream_no, a.version, a.guard,
           first_value(u.ord) over (partition by a.stream, u.id order by u.ord) as leader
    from unnest(e_append, e_id, e_digest, e_lifecycle, e_type, e_at, e_data, e_detail,
                k_version, k_position, k_digest, k_lifecycle)
         with ordinality u (no, id, digest, lifecycle, type, at, data, detail,
                            known_version, known_position, known_digest, known_lifecycle, ord)
    join a on a.no = u.no
  ), denied as materialized (
    select e.no, case
        when (e.rule = 1 and e.version <> e.expected) or (e.rule = 2 and e.guard <> e.expected) then 3
        when count(e.known_version) > 0 then 4
      end as status
    from e where e.rule > 0
    group by e.no, e.rule, e.version, e.guard, e.expected
    having count(e.known_version) < count(*)
  ), fresh as materialized (
    select e.*,
           e.version + row_number() over (partition by e.stream order by e.ord) as new_version,
           e.position + row_number() over (partition by e.slot order by e.ord) as new_position
    from e
    where e.known_version is null and e.leader = e.ord
      and not exists (select from denied d where d.no = e.no and d.status is not null)
  ), moved as materialized (
    select f.stream, f.slot, f.stream_no, max(f.new_version) as version,
           greatest(max(f.guard), max(f.new_version) filter (where f.lifecycle)) as guard
    from fresh f group by f.stream, f.slot, f.stream_no
  ), numbered as materialized (
    select m.*, coalesce(m.stream_no, nextval('streams_stream_no_seq')) as no from moved m
  ), born as (
    insert into streams (stream_no, stream, slot, version, guard)
    select n.no, n.stream, n.slot, n.version, n.guard from numbered n where n.stream_no is null
  ), grown as (
    update streams st set version = n.version, guard = n.guard from numbered n where st.stream_no = n.stream_no
  ), headed as (
    update slots s set position = h.position
    from (select f.slot, max(f.new_position) as position from fresh f group by f.slot) h where s.slot = h.slot
  ), stored as (
    insert into events (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest,
                        data, detail, lifecycle)
    select f.partition_id, f.slot, f.new_position, n.no, f.new_version, f.id, f.type, f.at, now_ms, f.digest,
           f.data, f.detail, f.lifecycle
    from fresh f join numbered n on n.stream = f.stream
  )
  select (case
           when d.status is not null then d.status
           when e.known_version is not null then
             case when e.known_digest = e.digest or (e.known_lifecycle and e.lifecycle) then 1 else 2 end
           when f.ord = e.ord then 0
           when f.digest = e.digest or (f.lifecycle and e.lifecycle) then 1
           else 2
         end)::smallint,
         case when d.status is not null then e.version else coalesce(e.known_version, f.new_version) end,
         case when d.status is not null then e.guard else coalesce(e.known_position, f.new_position) end,
         now_ms
  from e
  left join denied d on d.no = e.no
  left join fresh f on f.ord = e.leader
  order by e.ord;
end
$f$`;
