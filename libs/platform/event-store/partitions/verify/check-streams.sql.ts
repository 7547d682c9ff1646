import { erasedDataJson } from '../../retention/erased-data.ts';

/** Numbers are bigints, as text. */
export interface StreamRow {
  readonly stream_no: string;
  readonly stream: string;
  readonly slot: number;
  readonly version: string;
  readonly guard: string;
  readonly events: string;
  readonly last: string;
  /** The first version that does not follow the one before it; null when all do. */
  readonly broken: string | null;
  readonly last_lifecycle: string;
  /** Events whose id another event of the stream has. */
  readonly repeated: string;
  /** Events that lie in a slot which is not the stream's. */
  readonly elsewhere: string;
  /** The first version of which the data or the details are not what its digest is of; null when there is none. */
  readonly altered: string | null;
}

/** As the append makes it: the first 8 bytes of a sha256 over type, data and details. */
const digest = `substring(sha256(convert_to(
        '[' || to_json(type) || ',' || data || ',' || coalesce(detail, 'null') || ']', 'UTF8')) for 8)`;
const content = `digest = ${digest} as is_whole, data = '${erasedDataJson}' and detail is null as is_erased`;

/** $1 the last stream_no of the page before, $2 how many streams. */
export const checkStreams = `
select st.stream_no, st.stream, st.slot, st.version, st.guard,
       x.events, x.last, x.broken, x.last_lifecycle, x.repeated, x.elsewhere, x.altered
from (select * from streams where stream_no > $1 order by stream_no limit $2) st
left join slots s on s.slot = st.slot
cross join lateral (
  select count(*) as events, coalesce(max(r.version), 0) as last,
         min(r.version) filter (where r.version <> r.previous + 1) as broken,
         coalesce(max(r.version) filter (where r.lifecycle), 0) as last_lifecycle,
         count(*) - count(distinct r.event_id) as repeated,
         count(*) filter (where r.slot <> st.slot) as elsewhere,
         min(r.version) filter (where not r.is_whole and not (st.closed and r.is_erased)) as altered
  from (
    select p.*, lag(p.version, 1, 0::bigint) over (order by p.version) as previous
    from (
      select slot, version, event_id, lifecycle, ${content} from events
      where partition_id = s.partition_id and stream_no = st.stream_no
      union all
      select slot, version, event_id, lifecycle, ${content} from events
      where partition_id = s.moving_from and stream_no = st.stream_no
    ) p
  ) r
) x
order by st.stream_no`;
