import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import { connectionOptions } from '#platform/database';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { eventually } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Durability } from './durability.ts';

const said: string[] = [];
const keep = (message: string): void => void said.push(message);

describe('a process that starts', () => {
  let directory: string;
  let postgres: LocalPostgres;
  let database: DataSource;
  beforeAll(async () => {
    Logger.overrideLogger({ log: keep, warn: keep, error: keep });
    directory = await mkdtemp(path.join(tmpdir(), 'testcast-durability-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    postgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    database = await new DataSource(connectionOptions({ url: postgres.url, poolSize: 1 })).initialize();
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await database?.destroy();
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => said.splice(0));

  const start = () => new Durability(database).onApplicationBootstrap();
  async function set(name: string, value: 'on' | 'off'): Promise<void> {
    await database.query(`alter system set ${name} = ${value}`);
    await database.query('select pg_reload_conf()');
    await eventually(async () => {
      const [row] = await database.query<[{ setting: string }]>('select current_setting($1) as setting', [name]);
      expect(row.setting).toBe(value);
    });
  }

  it('says nothing of the server that npm start brings', async () => {
    await start();
    expect(said).toEqual([]);
  });

  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])(
    'says loudly that the server runs with %s = off',
    async (name) => {
      await set(name, 'off');
      await start();
      await set(name, 'on');
      expect(said).toEqual([expect.stringContaining(`THE DATABASE RUNS WITH ${name} = off: `)]);
    },
  );
});
