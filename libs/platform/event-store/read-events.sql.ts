import type { DetailedEvent, RecordedEvent } from './recorded-event.ts';
import { epochName } from './heads.sql.ts';
import type { PreparedQuery } from './pooled-connection.ts';

/** Columns of an event `x` and its stream `st`, in the order of RecordedRow. */
export const eventColumns = `x.slot, x.position, st.stream, x.version, x.event_id, x.type, x.at, x.recorded_at, x.data`;

export type RecordedRow = readonly [
  slot: number,
  position: string,
  stream: string,
  version: string,
  eventId: string,
  type: string,
  at: string,
  recordedAt: string,
  data: string,
];

export function recordedEventOf(row: RecordedRow): RecordedEvent {
  const [slot, position, stream, version, eventId, type, at, recordedAt, dataJson] = row;
  return {
    slot,
    position: Number(position),
    stream,
    version: Number(version),
    eventId,
    type,
    at: Number(at),
    recordedAt: Number(recordedAt),
    dataJson,
  };
}

export type DetailedRow = readonly [...RecordedRow, detail: string | null];

export function detailedEventOf(row: DetailedRow): DetailedEvent {
  return { ...recordedEventOf(row as unknown as RecordedRow), detailJson: row[9] };
}

/**
 * Every read takes the map and the rows in one statement: between two of them a split could move the rows, and they would
 * be in neither place. While a slot moves its rows are in two tables, each row in one of them.
 *
 * @param condition over an event `p`; with a version it says `p.version > 0`, which the index by version asks for
 * @param tail order and limit that each table may apply
 */
export const rowsOfSlot = (condition: string, tail = ''): string => `(
    (select * from events p where p.partition_id = s.partition_id and ${condition} ${tail})
    union all
    (select * from events p where p.partition_id = s.moving_from and ${condition} ${tail})
  )`;

/** Rows in order up to the one that passes the bytes: before it there is room, whatever its own size. */
const bounded = (order: string, limit: string, bytes: string, rows: string): string => `(
  select * from (
    select r.*,
      sum(octet_length(r.data)) over (order by r.${order} rows unbounded preceding) - octet_length(r.data) as bytes_before
    from ${rows} r order by r.${order} limit ${limit}
  ) b where b.bytes_before < ${bytes}
)`;

export const currentEpoch = `(select ${epochName} as epoch from store_epochs order by n desc limit 1) ep`;

/** The stream's head, repeated in each row; one row without an event when there is none to read. */
export type StreamRow = readonly [
  epoch: string,
  streamSlot: number | null,
  streamVersion: string | null,
  streamGuard: string | null,
  ...(RecordedRow | readonly null[]),
];

const streamColumns = `ep.epoch, st.slot, st.version, st.guard, ${eventColumns}`;

export const readStream = (stream: string, after: number, limit: number, bytes: number): PreparedQuery => ({
  name: 'read-stream',
  text: `select ${streamColumns}
from ${currentEpoch}
left join streams st on st.stream = $1
left join slots s on s.slot = st.slot
left join lateral ${bounded(
    'version',
    '$3',
    '$4',
    rowsOfSlot('p.stream_no = st.stream_no and p.version > $2 and p.version > 0', 'order by p.version limit $3'),
  )} x on true
order by x.version`,
  values: [stream, after, limit, bytes],
});

export const readLifecycle = (stream: string): PreparedQuery => ({
  name: 'read-lifecycle',
  text: `select ${streamColumns}
from ${currentEpoch}
left join streams st on st.stream = $1
left join slots s on s.slot = st.slot
left join lateral ${rowsOfSlot('p.stream_no = st.stream_no and p.lifecycle')} x on true
order by x.version`,
  values: [stream],
});

export const readDetails = (stream: string, versions: readonly number[]): PreparedQuery => ({
  name: 'read-details',
  text: `select ${eventColumns}, x.detail
from streams st
join slots s on s.slot = st.slot
cross join lateral ${rowsOfSlot('p.stream_no = st.stream_no and p.version = any ($2::bigint[]) and p.version > 0')} x
where st.stream = $1
order by x.version`,
  values: [stream, versions],
});

/** The slot's head and the log's epoch, repeated in each row; one row without an event when there is none to read. */
export type SlotRow = readonly [epoch: string, head: string, ...(RecordedRow | readonly null[])];

export const readSlot = (slot: number, after: number, limit: number, bytes: number): PreparedQuery => ({
  name: 'read-slot',
  text: `select ep.epoch, s.position, ${eventColumns}
from ${currentEpoch}
cross join slots s
left join lateral ${bounded(
    'position',
    '$3',
    '$4',
    rowsOfSlot('p.slot = s.slot and p.position > $2', 'order by p.position limit $3'),
  )} x on true
left join streams st on st.stream_no = x.stream_no
where s.slot = $1
order by x.position`,
  values: [slot, after, limit, bytes],
});

/**
 * The same reads in the one table where the rows are, as the caller believes. A plan over all partitions costs the server
 * more than the rows that it finds: naming the partition lets the plan have one table. The map is still read by the
 * same statement: `fits` is false, or no row comes, when the belief is wrong.
 */
const rowsIn = (partition: number, condition: string, order: string): string =>
  `(select * from events p where p.partition_id = ${partition} and ${condition} order by p.${order} limit $3)`;

const settledIn = (partition: number): string => `s.partition_id = ${partition} and s.moving_from is null`;

export type PinnedStreamRow = readonly [fits: boolean, ...StreamRow];

export const readStreamIn = (
  partition: number,
  slot: number,
  [stream, after, limit, bytes]: readonly [stream: string, after: number, limit: number, bytes: number],
): PreparedQuery => ({
  name: `read-stream-${partition}`,
  text: `select s.slot is not null as fits, ${streamColumns}
from ${currentEpoch}
left join slots s on s.slot = $5 and ${settledIn(partition)}
left join streams st on st.stream = $1 and st.slot = s.slot
left join lateral ${bounded(
    'version',
    '$3',
    '$4',
    rowsIn(partition, 'p.stream_no = st.stream_no and p.version > $2 and p.version > 0', 'version'),
  )} x on true
order by x.version`,
  values: [stream, after, limit, bytes, slot],
});

export const readLifecycleIn = (partition: number, slot: number, stream: string): PreparedQuery => ({
  name: `read-lifecycle-${partition}`,
  text: `select s.slot is not null as fits, ${streamColumns}
from ${currentEpoch}
left join slots s on s.slot = $2 and ${settledIn(partition)}
left join streams st on st.stream = $1 and st.slot = s.slot
left join lateral (
  select * from events p where p.partition_id = ${partition} and p.stream_no = st.stream_no and p.lifecycle
) x on true
order by x.version`,
  values: [stream, slot],
});

export const readSlotIn = (
  partition: number,
  [slot, after, limit, bytes]: readonly [slot: number, after: number, limit: number, bytes: number],
): PreparedQuery => ({
  name: `read-slot-${partition}`,
  text: `select ep.epoch, s.position, ${eventColumns}
from ${currentEpoch}
cross join slots s
left join lateral ${bounded('position', '$3', '$4', rowsIn(partition, 'p.slot = $1 and p.position > $2', 'position'))} x on true
left join streams st on st.stream_no = x.stream_no
where s.slot = $1 and ${settledIn(partition)}
order by x.position`,
  values: [slot, after, limit, bytes],
});

/** Where each slot's rows are; null while they are being moved. */
export type PartitionRow = readonly [partition: number | null];

export const readPartitions: PreparedQuery = {
  name: 'read-partitions',
  text: 'select case when moving_from is null then partition_id end from slots order by slot',
  values: [],
};

/** Single events, wherever they are. */
export const eventsAt = (places: readonly { slot: number; position: number }[]): PreparedQuery => ({
  name: 'events-at',
  text: `select ${eventColumns}
from unnest($1::smallint[], $2::bigint[]) u (slot, position)
join slots s on s.slot = u.slot
cross join lateral ${rowsOfSlot('p.slot = u.slot and p.position = u.position')} x
join streams st on st.stream_no = x.stream_no
order by x.slot, x.position`,
  values: [places.map(({ slot }) => slot), places.map(({ position }) => position)],
});
