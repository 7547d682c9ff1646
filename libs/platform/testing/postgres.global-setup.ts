import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { deleteAbandonedPostgres, PostgresBinariesMissing, startLocalPostgres } from '#platform/local-postgres';
import './database.ts';
import { createTemplateDatabase, dropDatabasesOf } from './template-database.ts';

type Teardown = () => Promise<void>;

const prefix = 'testcast-tests-';

/**
 * One PostgreSQL for the whole run: TEST_DATABASE_URL when it is set (of a user who may create databases), else one that
 * lives as long as the run, of the version that is unpacked in TEST_POSTGRES_DIR or else of the installed one. Without either, the tests of the project are skipped, or fail the run when CI is set.
 */
export default async function setup(project: TestProject): Promise<Teardown> {
  const server = await startOrFind();
  if (server === undefined) {
    project.provide('postgresUrl', '');
    project.provide('postgresTemplate', '');
    return async () => {};
  }
  try {
    const template = await createTemplateDatabase(server.url);
    project.provide('postgresUrl', server.url);
    project.provide('postgresTemplate', template);
    return async () => {
      await dropDatabasesOf(server.url, template);
      await server.end();
    };
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function startOrFind(): Promise<{ url: string; end: Teardown } | undefined> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url) return { url, end: async () => {} };
  try {
    return await startThrowaway();
  } catch (error) {
    if (!(error instanceof PostgresBinariesMissing) || process.env['CI']) throw error;
    console.warn(`\n*** INTEGRATION TESTS ARE SKIPPED: ${error.message} For the tests, TEST_DATABASE_URL. ***\n`);
    return undefined;
  }
}

async function startThrowaway(): Promise<{ url: string; end: Teardown }> {
  await deleteThoseOfKilledRuns();
  const directory = await mkdtemp(path.join(tmpdir(), prefix));
  await chmod(directory, 0o755); // as root the server runs as another user
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const packageDir = process.env['TEST_POSTGRES_DIR'];
    const version = packageDir === undefined ? {} : { packageDir };
    const postgres = await startLocalPostgres({ dataDir: directory, ephemeral: true, ...version });
    return { url: postgres.url, end: () => postgres.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function deleteThoseOfKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(prefix)) await deleteAbandonedPostgres(path.join(tmpdir(), name));
  }
}
