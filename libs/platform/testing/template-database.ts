import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '#migrations';

/** Makes the migrated database that every test file gets a copy of. The migrations run once a test run, not once a file. */
export async function createTemplateDatabase(url: string): Promise<string> {
  const name = `testcast_test_${randomBytes(4).toString('hex')}`;
  await onServer(url, (client) => client.query(`create database ${name}`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  const dataSource = new DataSource({ type: 'postgres', url: own.href, migrations });
  try {
    await dataSource.initialize();
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    // A database with connections cannot be copied.
    if (dataSource.isInitialized) await dataSource.destroy();
  }
  return name;
}

/** The template and every copy of it. */
export async function dropDatabasesOf(url: string, template: string): Promise<void> {
  await onServer(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [template],
    );
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  });
}

async function onServer<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
