import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { DomainError } from '#platform/kernel';
import type { PreparedQuery } from '../pooled-connection.ts';

/** Any number will do, as long as it is the same in every process: "slots" in ASCII. */
const operatorLock = 0x73_6c_6f_74_73;

/** One connection for statements that may take long, outside the way of any request. */
export class OperatorSession {
  private constructor(private readonly client: pg.PoolClient) {}

  /**
   * For whoever changes partitions, alone in the whole cluster: the lock is the session's, and every statement goes over
   * that session, so a connection that is lost takes both away and nothing is done without the lock.
   *
   * Throws `store.unavailable` while another operator is at work.
   */
  static holdAlone<T>(dataSource: DataSource, work: (session: OperatorSession) => Promise<T>): Promise<T> {
    return OperatorSession.hold(dataSource, async (session) => {
      const [row] = await session.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
        operatorLock,
      ]);
      if (row?.locked !== true) throw anotherOperator();
      return work(session);
    });
  }

  /** For whoever looks. */
  static async hold<T>(dataSource: DataSource, work: (session: OperatorSession) => Promise<T>): Promise<T> {
    const runner = dataSource.createQueryRunner();
    const client = (await runner.connect()) as pg.PoolClient;
    try {
      await client.query('set statement_timeout = 0');
      return await work(new OperatorSession(client));
    } finally {
      await giveBack(runner, client);
    }
  }

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query({ text, values: values as unknown[] });
    return rows as Row[];
  }

  /** Rows as arrays, in the order of the select list: for statements that name a column twice. */
  async rows<Row>({ text, values }: Omit<PreparedQuery, 'name'>): Promise<Row[]> {
    const { rows } = await this.client.query({ text, values: values as unknown[], rowMode: 'array' });
    return rows as Row[];
  }

  /** Several statements without parameters and without an answer. */
  async run(text: string): Promise<void> {
    await this.client.query(text);
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.between('begin', work);
  }

  /** Everything that is read in it is as it was at its first statement. */
  atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    return this.between('begin isolation level repeatable read read only', work);
  }

  private async between<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.run(begin);
    try {
      const result = await work();
      await this.run('commit');
      return result;
    } catch (error) {
      // On a connection that is lost the server has rolled back by itself.
      await this.run('rollback').catch(() => undefined);
      throw error;
    }
  }
}

async function giveBack(runner: QueryRunner, client: pg.PoolClient): Promise<void> {
  const isWell = await client.query('select pg_advisory_unlock_all(); reset all').then(
    () => true,
    () => false,
  );
  // Ended, its session cannot keep the lock in the pool.
  if (!isWell) void (client as unknown as pg.Client).end().catch(() => undefined);
  if (!runner.isReleased) await runner.release();
}

function anotherOperator(): DomainError {
  return new DomainError('store.unavailable', 'Another operator is changing the partitions at this moment.', {
    retryAfterMs: 10_000,
  });
}
