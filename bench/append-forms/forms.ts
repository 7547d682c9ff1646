import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { CopyFrom } from './copy-from.ts';

/** An event as the append function stores it; what the forms differ in is how it gets to the server. */
interface Row {
  readonly position: number;
  readonly streamNo: number;
  readonly eventId: string;
  readonly digest: Buffer;
  readonly data: string;
}

export interface Form {
  readonly name: string;
  store(client: pg.Client, rows: readonly Row[]): Promise<unknown>;
}

const data = JSON.stringify({ status: 'passed', durationMs: 12, pad: 'x'.repeat(160) });
let position = 0;

/** Five streams' hundred events, none of them known. */
export function batchOfRows(): Row[] {
  return Array.from({ length: 500 }, (_, n) => {
    position += 1;
    const streamNo = 1 + ((Math.floor(n / 100) + position) % 1_000);
    return { position, streamNo, eventId: randomUUID(), digest: randomBytes(8), data };
  });
}

const columns = `insert into forms (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest,
  data, detail, lifecycle)
select 0, 0, u.position, u.stream_no, u.position, u.event_id, 'test.finished', 1, 2, u.digest, u.data, null, false`;

const arrays: Form = {
  name: 'an array a column',
  store: (client, rows) =>
    client.query({
      name: 'arrays',
      text: `${columns} from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bytea[], $5::text[])
        u (position, stream_no, event_id, digest, data)`,
      values: [
        rows.map((row) => row.position),
        rows.map((row) => row.streamNo),
        rows.map((row) => row.eventId),
        rows.map((row) => row.digest),
        rows.map((row) => row.data),
      ],
    }),
};

const json: Form = {
  name: 'one JSON document',
  store: (client, rows) =>
    client.query({
      name: 'json',
      text: `${columns} from (
        select j.position, j.stream_no, j.event_id, decode(j.digest, 'hex') as digest, j.data
        from json_to_recordset($1::json) j (position bigint, stream_no bigint, event_id uuid, digest text, data text)
      ) u`,
      values: [
        JSON.stringify(
          rows.map((row) => ({
            position: row.position,
            stream_no: row.streamNo,
            event_id: row.eventId,
            digest: row.digest.toString('hex'),
            data: row.data,
          })),
        ),
      ],
    }),
};

const copy: Form = {
  name: 'COPY into a staging table',
  async store(client, rows) {
    await client.query('begin');
    const lines = rows.map(
      (row) => `${row.position}\t${row.streamNo}\t${row.eventId}\t\\\\x${row.digest.toString('hex')}\t${row.data}\n`,
    );
    await CopyFrom.run(client, 'copy staging (position, stream_no, event_id, digest, data) from stdin', lines.join(''));
    await client.query({ name: 'copied', text: `${columns} from staging u` });
    // Rows go with the commit.
    await client.query('commit');
  },
};

export const forms: readonly Form[] = [arrays, json, copy];

export const createTables = `
create table forms (like events_p0 including all);
create temporary table staging (position bigint, stream_no bigint, event_id uuid, digest bytea, data text)
  on commit delete rows`;
