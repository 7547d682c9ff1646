import pg from 'pg';
import { expect, it } from 'vitest';
import { migrations } from '#migrations';
import { createDatabase } from './database.ts';

async function query<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

it('gives every caller a migrated database of its own', async () => {
  const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
  await query(one, 'create table only_here (n int)');
  await expect(query(other, 'select * from only_here')).rejects.toThrow(/does not exist/);

  const applied = await query<{ name: string }>(other, 'select name from migrations order by id');
  expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
});
