import 'reflect-metadata';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { runningPostgresUrl } from '#platform/local-postgres';
import { ParkingLot, Rebuilds } from '#platform/messaging';
import { ProgressLine, reasonOf } from '#platform/terminal';
import { ProjectionCommand, type Terminal, usage } from './operations/projection-command.ts';

/** `npm run projections`: the database is that of DATABASE_URL, or of the server that runs on DATA_DIR. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean' },
      projection: { type: 'string' },
      'no-wait': { type: 'boolean' },
    },
  });
  if (values.help === true || positionals.length === 0) {
    process.stdout.write(usage);
    return values.help === true ? 0 : 2;
  }
  const url = process.env['DATABASE_URL']?.trim() || (await localUrl());
  if (url === undefined) throw new Error('no server runs on DATA_DIR here, and DATABASE_URL is not set');
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new Error('DATABASE_URL must be a URL such as postgres://user:password@host:5432/testcast');
  const database = new DataSource(connectionOptions({ url, poolSize: 2, applicationName: 'testcast-projections' }));
  await database.initialize();
  const store = new PostgresEventStore(database);
  try {
    const command = new ProjectionCommand(new Rebuilds(database, store), new ParkingLot(database), terminal());
    return await command.run(positionals, values);
  } finally {
    await store.close();
    await database.destroy();
  }
}

const localUrl = () => runningPostgresUrl(path.join(process.env['DATA_DIR']?.trim() || '.testcast', 'postgres'));

function terminal(): Terminal {
  // Standard output belongs to what stays.
  const progress = new ProgressLine(process.stderr);
  return {
    print(line) {
      progress.clear();
      process.stdout.write(`${line}\n`);
    },
    show: (line, what, done) => progress.trace(line, what, done),
    note(line) {
      progress.clear();
      process.stderr.write(`${line}\n`);
    },
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
