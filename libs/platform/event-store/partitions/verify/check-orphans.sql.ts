export interface OrphanRow {
  readonly slot: number;
  readonly stream_no: string;
  readonly events: string;
}

/** $1 partition, $2 how many at most. Events of streams that are not there. */
export const findOrphans = `
select p.slot, p.stream_no, count(*) as events
from events p
where p.partition_id = $1 and not exists (select from streams st where st.stream_no = p.stream_no)
group by p.slot, p.stream_no
order by p.slot, p.stream_no
limit $2`;
