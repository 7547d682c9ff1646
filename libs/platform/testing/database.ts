import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** of the server that the test run uses */
    postgresUrl: string;
    /** the migrated database that tests copy; its name is the prefix of theirs */
    postgresTemplate: string;
  }
}

/**
 * A migrated database of its own for the calling test file: a copy of the template takes milliseconds, and no test sees
 * another's rows. It is dropped when the test run ends. For the projects of vitest.config.ts that have the global setup.
 *
 * @returns its URL
 */
export async function createDatabase(): Promise<string> {
  // At the top of a file this runs even when postgres.runner.ts is about to skip the file's tests.
  if (inject('postgresUrl') === '') return 'postgres://there-is-no-server';
  const url = new URL(inject('postgresUrl'));
  const template = inject('postgresTemplate');
  const name = `${template}_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${template}`);
  } finally {
    await client.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}
