import pg from 'pg';
import { migrateDatabase } from '#platform/database';
import type { LocalPostgres } from '#platform/local-postgres';
import type { LoadResult } from '../ingest/load.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import { withPostgres } from '../support/with-postgres.ts';
import { RecordedProduct } from './recorded-product.ts';
import { Recorder } from './recorder.ts';
import { replay } from './replay.ts';

const kinds = [
  { name: 'batches of 100', over: 'http', connections: 8, itemsPerRequest: 100, target: '20,000' },
  { name: 'one by one', over: 'socket', connections: 100, itemsPerRequest: 1, target: '3,000' },
] as const;

const seconds = 8;

/** What is left of ingest when only its statements are left. */
export const ingestLimit: Scenario = {
  name: 'ingest-limit',
  help: `The statements of ingest without ingest: gateway and projector run for ${seconds} seconds under the loads of "ingest", every
statement that they send to PostgreSQL is written down, and then all of them are sent again, to a copy of the database as
it was before on the same server (fsync on), by a loop that does nothing else. Each connection's statements keep their
order and no transaction begins before those statements have ended that had ended when it first began. What comes out is how many
results a second this machine could take in if everything but PostgreSQL and the sending were free; CPU is given for
each result.`,
  async run(print) {
    return withPostgres(async (server) => {
      const figures: Figure[] = [];
      for (const kind of kinds) figures.push(...(await limitOf(server, kind, print)));
      return figures;
    });
  },
};

async function limitOf(
  server: LocalPostgres,
  { name, target, ...load }: (typeof kinds)[number],
  print: (line: string) => void,
): Promise<Figure[]> {
  print(`${name}: recording …`);
  const [first, copy] = [`recorded_${load.over}`, `replayed_${load.over}`];
  await onServer(server.url, `create database ${first}`);
  await migrateDatabase(databaseAt(server.url, first));
  await onServer(server.url, `create database ${copy} template ${first}`);
  const recorder = new Recorder(['testcast-gateway', 'testcast-projector']);
  const product = await RecordedProduct.start(databaseAt(server.url, first));
  const at = { url: product.url, streamUrl: product.streamUrl, token: product.token };
  const { itemsPerSecond } = await inChild<LoadResult>(new URL('../ingest/load.process.js', import.meta.url), {
    ...load,
    ...at,
    seconds,
  });
  await product.projected();
  const statements = recorder.stop();
  await product.stop();
  const results = itemsPerSecond * seconds;
  print(`${name}: sending ${statements.length} statements of ${Math.round(results)} results again …`);
  await onServer(server.url, 'checkpoint');
  const serverBefore = cpuSeconds(server.pid);
  const replayed = await replay(databaseAt(server.url, copy), statements);
  const onServerSide = cpuSeconds(server.pid) - serverBefore;
  const micros = (spent: number): number => (spent / results) * 1e6;
  return [
    { name: `${name}: results`, value: results / replayed.seconds, unit: '/s', target },
    { name: `${name}: CPU a result, PostgreSQL`, value: micros(onServerSide), unit: 'µs' },
    { name: `${name}: CPU a result, the loop`, value: micros(replayed.cpuSeconds), unit: 'µs' },
    { name: `${name}: statements a result`, value: statements.length / results, unit: '' },
    { name: `${name}: failed of all statements`, value: replayed.failed, unit: '' },
    { name: `${name}: let go before their turn`, value: replayed.early, unit: '' },
  ];
}

function databaseAt(url: string, name: string): string {
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
