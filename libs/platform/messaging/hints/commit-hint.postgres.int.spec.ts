import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventually } from '#platform/testing';
import { notifies, PostgresCommitHint } from './commit-hint.postgres.ts';

Logger.overrideLogger(false);
let url: string;
let dataSource: DataSource;

beforeAll(async () => {
  url = await createDatabase();
  dataSource = await new DataSource(connectionOptions({ url, poolSize: 2 })).initialize();
});
afterAll(() => dataSource?.destroy());

it('wakes a process that listens, also after its connection was killed', async () => {
  const hint = new PostgresCommitHint(url);
  let woken = 0;
  await hint.start(() => (woken += 1));
  // Once for what was committed before it listened.
  expect(woken).toBe(1);
  await notifies(dataSource)();
  await eventually(() => expect(woken).toBe(2));
  await dataSource.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'testcast-hints'`,
  );
  await eventually(() => expect(woken).toBe(3), { message: 'it listens again' });
  await notifies(dataSource)();
  await eventually(() => expect(woken).toBe(4));
  await hint.stop();
  await eventually(async () => {
    const left = await dataSource.query<unknown[]>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'testcast-hints'`,
    );
    expect(left).toEqual([]);
  });
});

it('starts and stops although there is no server', async () => {
  const hint = new PostgresCommitHint('postgres://nobody@127.0.0.1:1/none');
  await expect(hint.start(() => undefined)).resolves.toBeUndefined();
  await expect(hint.stop()).resolves.toBeUndefined();
});

it('does not wake a process for its own commits', async () => {
  const hint = new PostgresCommitHint(url, 'me');
  const wakes: string[] = [];
  await hint.start(() => wakes.push('woken'));
  await notifies(dataSource, 'me')();
  await notifies(dataSource, 'you')();
  await eventually(() => expect(wakes).toEqual(['woken', 'woken']));
  await hint.stop();
});
