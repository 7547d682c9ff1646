import type pg from 'pg';
import type { QueryRunner } from 'typeorm';

/** A statement that each connection plans once and keeps under its name; a name belongs to one text. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs a prepared statement in the runner's transaction, if it has one; TypeORM's own statements have no names, and are
 * parsed and planned each time. For statements that run with every batch and have one good plan: those that look keys up
 * in a table that fills keep the plan that was good when it was empty.
 *
 * @returns the rows; errors are the driver's own
 */
export async function runPrepared<Row>(
  runner: QueryRunner,
  { name, text }: PreparedStatement,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = (await runner.connect()) as pg.PoolClient;
  const { rows } = await client.query({ name, text, values: values as unknown[] });
  return rows as Row[];
}
