import pg from 'pg';
import { migrateDatabase } from '#platform/database';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import { type Figure, median, type Scenario } from '../support/figures.ts';
import { withPostgres } from '../support/with-postgres.ts';
import { batchOfRows, createTables, type Form, forms } from './forms.ts';

const rounds = 5;
const warmUp = 20;
const batches = 100;

/** How a batch's events best get into the server. */
export const appendForms: Scenario = {
  name: 'append-forms',
  help: `The same 500 events stored by one insert into one table with the log's indexes, given to the server as an array a
column, as one JSON document, and by COPY into a temporary table (which takes three more round trips). One connection,
fsync on, in ${rounds} rounds of each (medians). CPU of the server's process for the connection, and the time of a batch.`,
  run: (print) =>
    withPostgres(async ({ url }) => {
      await migrateDatabase(url);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(createTables);
        return await compare(client, print);
      } finally {
        await client.end();
      }
    }),
};

async function compare(client: pg.Client, print: (line: string) => void): Promise<Figure[]> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const seen = forms.map((form) => ({ form, micros: [] as number[], milliseconds: [] as number[] }));
  for (let round = 1; round <= rounds; round++) {
    print(`round ${round} of ${rounds}`);
    for (const { form, micros, milliseconds } of seen) {
      const { cpu, wall } = await measure(client, rows[0]!.pid, form);
      micros.push(cpu);
      milliseconds.push(wall);
    }
  }
  return seen.flatMap(({ form, micros, milliseconds }) => [
    { name: `${form.name}: CPU of the server an event`, value: median(micros), unit: 'µs' },
    { name: `${form.name}: a batch of 500`, value: median(milliseconds), unit: 'ms' },
  ]);
}

async function measure(client: pg.Client, pid: number, form: Form): Promise<{ cpu: number; wall: number }> {
  await client.query('truncate forms');
  for (let n = 0; n < warmUp; n++) await form.store(client, batchOfRows());
  const [cpu, began] = [cpuSeconds(pid), performance.now()];
  let events = 0;
  for (let n = 0; n < batches; n++) {
    const rows = batchOfRows();
    await form.store(client, rows);
    events += rows.length;
  }
  return { cpu: ((cpuSeconds(pid) - cpu) * 1e6) / events, wall: (performance.now() - began) / batches };
}
