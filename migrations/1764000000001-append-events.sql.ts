/**
 * Appends a batch and answers per event, in the order given: status 0 appended, 1 duplicate, 2 clash, 3 conflict,
 * 4 refused (a checked append whose expectation holds, yet some of its ids are known). `version` and `place` are the
 * event's version and position; of a conflict the stream's version and guard.
 *
 * a_…: one element an append; a_rule 0 unchecked, 1 expects the version, 2 expects the guard.
 * e_…: one element an event; e_append numbers its append from 1.
 *
 * The order of the statements matters. The locks come first and alone: a statement that locked and read would read with
 * a snapshot from before it got the lock, and give two events one version. Then the map and the streams, then the ids
 * that are known, with plain equality on partition_id: anything else probes every partition for every event.
 *
 * The settings make the plans the same whatever the statistics say: one that was made for an empty table, scans it whole,
 * and is kept by a lane's connection would be the end of a store that fills quickly.
 */
export const createAppendEvents = `
create function append_events(
  a_slot smallint[], a_stream text[], a_rule smallint[], a_expected bigint[],
  e_append integer[], e_id uuid[], e_digest bytea[], e_lifecycle boolean[],
  e_type text[], e_at bigint[], e_data text[], e_detail text[]
) returns table (status smallint, version bigint, place bigint, recorded_at bigint)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
  checked constant boolean := 0 < any (a_rule);
  now_ms bigint;
  a_partition smallint[];
  a_moving_from smallint[];
  a_position bigint[];
  a_stream_no bigint[];
  a_born boolean[];
  a_version bigint[];
  a_guard bigint[];
  a_denied smallint[];
  known record;
  partition smallint;
  k_version bigint[];
  k_position bigint[];
  k_digest bytea[];
  k_lifecycle boolean[];
begin
  if checked and exists (
    select from unnest(a_stream, a_rule) u (stream, rule) group by u.stream having count(*) > 1 and max(u.rule) > 0
  ) then
    raise exception 'a stream with a checked append has another append in the batch'
      using errcode = 'invalid_parameter_value';
  end if;

  perform ensure_store_epoch();
  perform 1 from slots s where s.slot = any (a_slot) order by s.slot for update;
  now_ms := floor(extract(epoch from clock_timestamp()) * 1000);

  select array_agg(a.partition_id order by a.no), array_agg(a.moving_from order by a.no),
         array_agg(a.position order by a.no), array_agg(a.stream_no order by a.no), array_agg(a.born order by a.no),
         array_agg(a.version order by a.no), array_agg(a.guard order by a.no)
    into a_partition, a_moving_from, a_position, a_stream_no, a_born, a_version, a_guard
  from (
    select b.*, min(b.numbered) over (partition by b.stream) as stream_no
    from (
      select u.no, u.stream, s.partition_id, s.moving_from, s.position, st.stream_no is null as born,
             coalesce(st.stream_no, nextval('streams_stream_no_seq')) as numbered,
             coalesce(st.version, 0) as version, coalesce(st.guard, 0) as guard
      from unnest(a_slot, a_stream) with ordinality u (slot, stream, no)
      join slots s on s.slot = u.slot
      left join streams st on st.stream = u.stream
    ) b
  ) a;

  if cardinality(e_id) <= 12 then
    -- With the partition as a parameter a look-up opens one table; the join below opens all of them before its first row.
    k_version := array_fill(null::bigint, array[cardinality(e_id)]);
    k_position := k_version;
    k_digest := array_fill(null::bytea, array[cardinality(e_id)]);
    k_lifecycle := array_fill(null::boolean, array[cardinality(e_id)]);
    for i in 1 .. cardinality(e_id) loop
      continue when a_born[e_append[i]];
      partition := a_partition[e_append[i]];
      select c.version, c.position, c.digest, c.lifecycle into known from events c
      where c.partition_id = partition and c.stream_no = a_stream_no[e_append[i]] and c.event_id = e_id[i];
      continue when not found;
      k_version[i] := known.version;
      k_position[i] := known.position;
      k_digest[i] := known.digest;
      k_lifecycle[i] := known.lifecycle;
    end loop;
  else
    select array_agg(x.version order by e.ord), array_agg(x.position order by e.ord),
           array_agg(x.digest order by e.ord), array_agg(x.lifecycle order by e.ord)
      into k_version, k_position, k_digest, k_lifecycle
    from unnest(e_append, e_id) with ordinality e (no, id, ord)
    left join lateral (
      select c.version, c.position, c.digest, c.lifecycle from events c
      where c.partition_id = a_partition[e.no] and c.stream_no = a_stream_no[e.no] and c.event_id = e.id
      limit 1
    ) x on true;
  end if;

  if exists (select from unnest(a_moving_from) u (moving_from) where u.moving_from is not null) then
    select array_agg(coalesce(x.version, e.version) order by e.ord), array_agg(coalesce(x.position, e.position) order by e.ord),
           array_agg(coalesce(x.digest, e.digest) order by e.ord), array_agg(coalesce(x.lifecycle, e.lifecycle) order by e.ord)
      into k_version, k_position, k_digest, k_lifecycle
    from unnest(e_append, e_id, k_version, k_position, k_digest, k_lifecycle)
         with ordinality e (no, id, version, position, digest, lifecycle, ord)
    left join lateral (
      select c.version, c.position, c.digest, c.lifecycle from events c
      where c.partition_id = a_moving_from[e.no] and c.stream_no = a_stream_no[e.no] and c.event_id = e.id
      limit 1
    ) x on true;
  end if;

  if checked then
    select array_agg(d.denied order by d.no) into a_denied
    from (
      select a.no, (case
          when a.rule = 0 or k.known = k.events then 0
          when a.rule = 1 and a.version <> a.expected then 3
          when a.rule = 2 and a.guard <> a.expected then 3
          when k.known > 0 then 4
          else 0
        end)::smallint as denied
      from unnest(a_rule, a_expected, a_version, a_guard) with ordinality a (rule, expected, version, guard, no)
      join (
        select u.no, count(*) as events, count(u.version) as known
        from unnest(e_append, k_version) u (no, version) group by u.no
      ) k on k.no = a.no
    ) d;
  else
    a_denied := array_fill(0::smallint, array[cardinality(a_slot)]);
  end if;

  return query
  with e as materialized (
    select u.*, a_slot[u.no] as slot, a_stream_no[u.no] as stream_no, a_denied[u.no] as denied,
           first_value(u.ord) over (partition by a_stream_no[u.no], u.id order by u.ord) as leader
    from unnest(e_append, e_id, e_digest, e_lifecycle, e_type, e_at, e_data, e_detail,
                k_version, k_position, k_digest, k_lifecycle)
         with ordinality u (no, id, digest, lifecycle, type, at, data, detail,
                            known_version, known_position, known_digest, known_lifecycle, ord)
  ), fresh as materialized (
    select e.*,
           a_version[e.no] + row_number() over (partition by e.stream_no order by e.ord) as new_version,
           a_position[e.no] + row_number() over (partition by e.slot order by e.ord) as new_position
    from e where e.known_version is null and e.leader = e.ord and e.denied = 0
  ), moved as materialized (
    select f.stream_no, min(f.no) as no, max(f.new_version) as version,
           max(f.new_version) filter (where f.lifecycle) as guard
    from fresh f group by f.stream_no
  ), born as (
    insert into streams (stream_no, stream, slot, version, guard)
    select m.stream_no, a_stream[m.no], a_slot[m.no], m.version, coalesce(m.guard, 0) from moved m where a_born[m.no]
  ), grown as (
    update streams st set version = m.version, guard = coalesce(m.guard, st.guard)
    from moved m where st.stream_no = m.stream_no and not a_born[m.no]
  ), headed as (
    update slots s set position = h.position
    from (select f.slot, max(f.new_position) as position from fresh f group by f.slot) h where s.slot = h.slot
  ), stored as (
    insert into events (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest,
                        data, detail, lifecycle)
    select a_partition[f.no], f.slot, f.new_position, f.stream_no, f.new_version, f.id, f.type, f.at, now_ms, f.digest,
           f.data, f.detail, f.lifecycle
    from fresh f
  )
  select (case
           when e.denied <> 0 then e.denied
           when e.known_version is not null then
             case when e.known_digest = e.digest or (e.known_lifecycle and e.lifecycle) then 1 else 2 end
           when f.ord = e.ord then 0
           when f.digest = e.digest or (f.lifecycle and e.lifecycle) then 1
           else 2
         end)::smallint,
         case when e.denied <> 0 then a_version[e.no] else coalesce(e.known_version, f.new_version) end,
         case when e.denied <> 0 then a_guard[e.no] else coalesce(e.known_position, f.new_position) end,
         now_ms
  from e left join fresh f on f.ord = e.leader
  order by e.ord;
end
$f$`;
