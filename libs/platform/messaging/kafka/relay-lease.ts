import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { movePublished, readPublished, takeRelayLock } from './relay-slots.sql.ts';

/** Any number will do, as long as it is the same in every process: "relay" in ASCII. */
const relayLock = 0x72_65_6c_61_79;
/** Milliseconds after which a server that neither answers nor hangs up is given up, and the lease with it. */
const answerWithinMs = 10_000;

/**
 * The right to relay, of one process at a time: a lock of a database session. Checkpoints are written through the same
 * session, so one who has lost the lock without noticing cannot write any.
 */
export class RelayLease {
  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: pg.PoolClient,
  ) {}

  /** Undefined while another process has it. */
  static async take(dataSource: DataSource): Promise<RelayLease | undefined> {
    const runner = dataSource.createQueryRunner();
    const lease = new RelayLease(runner, (await runner.connect()) as pg.PoolClient);
    try {
      const [row] = await lease.query<{ taken: boolean }>(takeRelayLock, [relayLock]);
      if (row?.taken === true) return lease;
      await runner.release();
      return undefined;
    } catch (error) {
      await lease.end();
      throw error;
    }
  }

  /** `positions[slot]` up to which the slot has been published. */
  async published(): Promise<number[]> {
    return (await this.query<{ published: number }>(readPublished)).map(({ published }) => published);
  }

  /** Keeps how far slots have been published. Throws when the lease may be lost. */
  async checkpoint(positions: ReadonlyMap<number, number>): Promise<void> {
    await this.query(movePublished, [[...positions.keys()], [...positions.values()]]);
  }

  /** Ends the session, and the lock with it: given back to the pool it would keep the lock. */
  async end(): Promise<void> {
    if (this.runner.isReleased) return;
    // Not awaited: with a server that is gone it may take long.
    void (this.client as unknown as pg.Client).end().catch(() => undefined);
    await this.runner.release();
  }

  private async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const config = { text, values, query_timeout: answerWithinMs } as pg.QueryConfig;
    return (await this.client.query<Row>(config)).rows;
  }
}
