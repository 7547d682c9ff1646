import type { QueryRunner } from 'typeorm';
import type { Build } from './build.ts';

/** Lets the views show the tables of this build. `before`: the names of views that were there. */
export async function showInViews(runner: QueryRunner, build: Build, before: readonly string[]): Promise<void> {
  const tables = build.tables();
  for (const { name, table } of tables) await replaceView(runner, name, table);
  const gone = before.filter((name) => tables.every((kept) => kept.name !== name));
  for (const name of gone) await runner.query(`drop view if exists ${name}`);
}

/** Other columns than before need another view, for which rights have to be given anew; the same columns keep theirs. */
async function replaceView(runner: QueryRunner, name: string, table: string): Promise<void> {
  await runner.query('savepoint same_columns');
  try {
    await runner.query(`create or replace view ${name} as select * from ${table}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42P16') throw error;
    await runner.query('rollback to savepoint same_columns');
    await runner.query(`drop view ${name}`);
    await runner.query(`create view ${name} as select * from ${table}`);
  }
}
