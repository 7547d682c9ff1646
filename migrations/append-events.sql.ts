/**
 * Appends a batch of events: streams in any order, the events of a stream side by side and in order.
 *
 * h_…: one element a slot of the batch (each once), with the number of its events.
 * s_…: one element a stream (each once): its slot, s_rule 0 unchecked, 1 expects the version, 2 expects the guard; how many
 *      events it has here, and the number of the last of them that is a lifecycle event, 0 if none is. A stream with a
 *      checked append has no other append in the batch.
 * e_…: one element an event: the number of its stream here, its own number in the stream's events and in its slot's.
 *
 * Answers one row. Status null: everything was appended, and version and place are of each stream what its version and its
 * slot's position were before. Else an element an event: status 0 appended, 1 duplicate, 2 clash, 3 conflict, 4 refused (a
 * checked append whose expectation holds, yet some of its ids are known), 5 gone (the stream is closed), its version and
 * its position; of a conflict and of what is gone the stream's version and guard.
 *
 * A closed stream takes nothing but an append that expects its very version: the last word of whoever closed it. One that
 * is not there yet takes nothing at all; it is closed when \`closed_streams\` has its name, or the part of it that ends with
 * its last slash.
 *
 * The order of the statements matters. The locks come first and alone: a statement that locked and read would read with
 * a snapshot from before it got the lock, and give two events one version.
 *
 * Most batches repeat nothing. So the events are stored at first without a look at what is known, which costs as much as
 * storing them; the unique index by id tells when that was wrong, and then everything is looked at, one by one. look_first
 * goes there at once: for a caller that has just met repeats, whose failed tries would leave dead rows behind. The locks are
 * in the block that is taken back, and are taken anew after it: locked outside of it and written inside, each row of a slot
 * would get a multixact with every batch, which whoever passes the row later has to look up.
 *
 * The settings make the plans the same whatever the statistics say: one that was made for an empty table, scans it whole,
 * and is kept by a lane's connection would be the end of a store that fills quickly.
 */
export const createAppendEvents = `
create or replace function append_events(
  look_first boolean,
  h_slot smallint[], h_events integer[],
  s_slot smallint[], s_stream text[], s_rule smallint[], s_expected bigint[], s_events integer[], s_lifecycle integer[],
  e_stream integer[], e_nth integer[], e_place integer[], e_id uuid[], e_digest bytea[], e_lifecycle boolean[],
  e_type text[], e_at bigint[], e_data text[], e_detail text[]
) returns table (recorded_at bigint, status smallint[], version bigint[], place bigint[])
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
  now_ms bigint;
  s_partition smallint[];
  s_moving_from smallint[];
  s_position bigint[];
  s_stream_no bigint[];
  s_born boolean[];
  s_version bigint[];
  s_guard bigint[];
  s_closed boolean[];
  denied boolean := false;
begin
  if (select e.timeline from store_epochs e order by e.n desc limit 1) is distinct from store_timeline() then
    perform ensure_store_epoch();
  end if;
  loop
    begin
      perform 1 from slots s where s.slot = any (h_slot) order by s.slot for update;
      now_ms := floor(extract(epoch from clock_timestamp()) * 1000);

      select array_agg(s.partition_id order by u.no), array_agg(s.moving_from order by u.no),
             array_agg(s.position order by u.no),
             array_agg(coalesce(st.stream_no, nextval('streams_stream_no_seq')) order by u.no),
             array_agg(st.stream_no is null order by u.no),
             array_agg(coalesce(st.version, 0) order by u.no), array_agg(coalesce(st.guard, 0) order by u.no),
             array_agg(case when st.stream_no is not null then st.closed else exists (
               select from closed_streams c where c.name in (u.stream, substring(u.stream from '^.*/'))
             ) end order by u.no)
        into s_partition, s_moving_from, s_position, s_stream_no, s_born, s_version, s_guard, s_closed
      from unnest(s_slot, s_stream) with ordinality u (slot, stream, no)
      join slots s on s.slot = u.slot
      left join streams st on st.stream = u.stream;

      denied := false;
      for i in 1 .. cardinality(s_rule) loop
        denied := denied or (s_rule[i] = 1 and s_version[i] <> s_expected[i])
          or (s_rule[i] = 2 and s_guard[i] <> s_expected[i])
          or (s_closed[i] and (s_rule[i] <> 1 or s_version[i] = 0));
        -- What the old table knows is not in the index that would tell.
        look_first := look_first or s_moving_from[i] is not null;
      end loop;

      if look_first or denied then
        return query
        select now_ms, array_agg(a.status order by a.ord), array_agg(a.version order by a.ord),
               array_agg(a.place order by a.ord)
        from append_after_look(
          now_ms, s_slot, s_stream, s_rule, s_expected, s_partition, s_moving_from, s_position, s_stream_no, s_born,
          s_version, s_guard, s_closed, e_stream, e_id, e_digest, e_lifecycle, e_type, e_at, e_data, e_detail
        ) a;
        return;
      end if;

      insert into events (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest,
                          data, detail, lifecycle)
      select s_partition[u.s], s_slot[u.s], s_position[u.s] + u.place, s_stream_no[u.s], s_version[u.s] + u.nth,
             u.id, u.type, u.at, now_ms, u.digest, u.data, u.detail, u.lifecycle
      from unnest(e_stream, e_nth, e_place, e_id, e_digest, e_lifecycle, e_type, e_at, e_data, e_detail)
           u (s, nth, place, id, digest, lifecycle, type, at, data, detail);

      if true = any (s_born) then
        insert into streams (stream_no, stream, slot, version, guard)
        select s_stream_no[i], s_stream[i], s_slot[i], s_events[i], s_lifecycle[i]
        from generate_subscripts(s_born, 1) i where s_born[i];
      end if;
      if false = any (s_born) then
        update streams st
        set version = st.version + u.events,
            guard = case when u.lifecycle > 0 then st.version + u.lifecycle else st.guard end
        from unnest(s_stream_no, s_events, s_lifecycle, s_born) u (stream_no, events, lifecycle, born)
        where st.stream_no = u.stream_no and not u.born;
      end if;
      update slots s set position = s.position + u.events from unnest(h_slot, h_events) u (slot, events) where s.slot = u.slot;

      return query select now_ms, null::smallint[], s_version, s_position;
      return;
    exception when unique_violation then
      if look_first then
        raise;
      end if;
      look_first := true;
    end;
  end loop;
end
$f$`;

/**
 * The part of append_events that looks ids up, for batches in which something is known, denied or moving. Its look-ups name
 * the partition with plain equality: anything else probes every partition for every event.
 */
export const createAppendAfterLook = `
create or replace function append_after_look(
  now_ms bigint,
  s_slot smallint[], s_stream text[], s_rule smallint[], s_expected bigint[],
  s_partition smallint[], s_moving_from smallint[], s_position bigint[], s_stream_no bigint[], s_born boolean[],
  s_version bigint[], s_guard bigint[], s_closed boolean[],
  e_stream integer[], e_id uuid[], e_digest bytea[], e_lifecycle boolean[],
  e_type text[], e_at bigint[], e_data text[], e_detail text[]
) returns table (ord bigint, status smallint, version bigint, place bigint)
language plpgsql
as $f$
#variable_conflict use_column
declare
  s_denied smallint[];
  k_version bigint[];
  k_position bigint[];
  k_digest bytea[];
  k_lifecycle boolean[];
begin
  select array_agg(x.version order by e.ord), array_agg(x.position order by e.ord),
         array_agg(x.digest order by e.ord), array_agg(x.lifecycle order by e.ord)
    into k_version, k_position, k_digest, k_lifecycle
  from unnest(e_stream, e_id) with ordinality e (s, id, ord)
  left join lateral (
    select c.version, c.position, c.digest, c.lifecycle from events c
    where c.partition_id = s_partition[e.s] and c.stream_no = s_stream_no[e.s] and c.event_id = e.id
    limit 1
  ) x on true;

  if exists (select from unnest(s_moving_from) u (moving_from) where u.moving_from is not null) then
    select array_agg(coalesce(x.version, e.version) order by e.ord), array_agg(coalesce(x.position, e.position) order by e.ord),
           array_agg(coalesce(x.digest, e.digest) order by e.ord), array_agg(coalesce(x.lifecycle, e.lifecycle) order by e.ord)
      into k_version, k_position, k_digest, k_lifecycle
    from unnest(e_stream, e_id, k_version, k_position, k_digest, k_lifecycle)
         with ordinality e (s, id, version, position, digest, lifecycle, ord)
    left join lateral (
      select c.version, c.position, c.digest, c.lifecycle from events c
      where c.partition_id = s_moving_from[e.s] and c.stream_no = s_stream_no[e.s] and c.event_id = e.id
      limit 1
    ) x on true;
  end if;

  select array_agg(d.denied order by d.s) into s_denied
  from (
    select s.no as s, (case
        when s.closed and (s.rule <> 1 or s.version = 0) then 5
        when s.rule = 0 or k.known = k.events then 0
        when s.rule = 1 and s.version <> s.expected then 3
        when s.rule = 2 and s.guard <> s.expected then 3
        when k.known > 0 then 4
        else 0
      end)::smallint as denied
    from unnest(s_rule, s_expected, s_version, s_guard, s_closed)
         with ordinality s (rule, expected, version, guard, closed, no)
    join (
      select u.s, count(*) as events, count(u.version) as known from unnest(e_stream, k_version) u (s, version) group by u.s
    ) k on k.s = s.no
  ) d;

  return query
  with e as materialized (
    select u.*, s_slot[u.s] as slot, s_stream_no[u.s] as stream_no, s_denied[u.s] as denied,
           first_value(u.ord) over (partition by u.s, u.id order by u.ord) as leader
    from unnest(e_stream, e_id, e_digest, e_lifecycle, e_type, e_at, e_data, e_detail,
                k_version, k_position, k_digest, k_lifecycle)
         with ordinality u (s, id, digest, lifecycle, type, at, data, detail,
                            known_version, known_position, known_digest, known_lifecycle, ord)
  ), fresh as materialized (
    select e.*,
           s_version[e.s] + row_number() over (partition by e.s order by e.ord) as new_version,
           s_position[e.s] + row_number() over (partition by e.slot order by e.ord) as new_position
    from e where e.known_version is null and e.leader = e.ord and e.denied = 0
  ), moved as materialized (
    select f.s, max(f.new_version) as version, max(f.new_version) filter (where f.lifecycle) as guard
    from fresh f group by f.s
  ), born as (
    insert into streams (stream_no, stream, slot, version, guard)
    select s_stream_no[m.s], s_stream[m.s], s_slot[m.s], m.version, coalesce(m.guard, 0) from moved m where s_born[m.s]
  ), grown as (
    update streams st set version = m.version, guard = coalesce(m.guard, st.guard)
    from moved m where st.stream_no = s_stream_no[m.s] and not s_born[m.s]
  ), headed as (
    update slots s set position = h.position
    from (select f.slot, max(f.new_position) as position from fresh f group by f.slot) h where s.slot = h.slot
  ), stored as (
    insert into events (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest,
                        data, detail, lifecycle)
    select s_partition[f.s], f.slot, f.new_position, f.stream_no, f.new_version, f.id, f.type, f.at, now_ms, f.digest,
           f.data, f.detail, f.lifecycle
    from fresh f
  )
  select e.ord,
         (case
           when e.denied <> 0 then e.denied
           when e.known_version is not null then
             case when e.known_digest = e.digest or (e.known_lifecycle and e.lifecycle) then 1 else 2 end
           when f.ord = e.ord then 0
           when f.digest = e.digest or (f.lifecycle and e.lifecycle) then 1
           else 2
         end)::smallint,
         case when e.denied <> 0 then s_version[e.s] else coalesce(e.known_version, f.new_version) end,
         case when e.denied <> 0 then s_guard[e.s] else coalesce(e.known_position, f.new_position) end
  from e left join fresh f on f.ord = e.leader;
end
$f$`;
