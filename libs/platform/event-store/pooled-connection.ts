import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';

/** A statement that each connection plans once, under its name. */
export interface PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * One connection of the DataSource's pool, taken at the first query and again after a failure. pg's own client, since
 * TypeORM's queries have no names: each would be planned anew, over 32 partitions.
 */
export class PooledConnection {
  private runner: QueryRunner | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Rows as arrays, in the order of the select list; bigints as text.
   *
   * @param timeout milliseconds after which the connection is given up, for a server that neither answers nor hangs up
   */
  async query<Row>({ name, text, values }: PreparedQuery, timeout: number): Promise<Row[]> {
    // TypeORM releases a runner whose connection broke while it was idle.
    if (this.runner?.isReleased === true) this.runner = undefined;
    this.runner ??= this.dataSource.createQueryRunner();
    const client = (await this.runner.connect()) as pg.PoolClient;
    const config = { name, text, values: values as unknown[], rowMode: 'array', query_timeout: Math.max(timeout, 1) };
    const { rows } = await client.query(config as pg.QueryArrayConfig);
    return rows as Row[];
  }

  /** Gives the connection back. */
  async release(): Promise<void> {
    const { runner } = this;
    this.runner = undefined;
    if (runner !== undefined && !runner.isReleased) await runner.release();
  }

  /** Closes the connection instead of giving it back: a statement may still be under way on it. */
  async discard(): Promise<void> {
    const { runner } = this;
    this.runner = undefined;
    if (runner === undefined || runner.isReleased) return;
    const client = await (runner.connect() as Promise<pg.Client>).catch(() => undefined);
    // Not awaited: with a peer that is gone it may take as long as the timeout that brought us here.
    void client?.end().catch(() => undefined);
    await runner.release();
  }
}
