import type { DataSource } from 'typeorm';
import { readLeader, releaseLead, renewOrTakeLead } from './leader-lease.sql.ts';

/** Three beats: one that is late, or one that the database missed, does not change who leads. */
const leaseMs = 15_000;

/**
 * The right to decide, of one server at a time, on the clock of PostgreSQL. Each taking raises the fence, under which orders
 * are written: one that was frozen, and goes on after another has taken over, orders nothing any more.
 */
export class LeaderLease {
  private held: number | undefined;

  constructor(
    private readonly dataSource: DataSource,
    /** Its start, since another start of the same server is not the one that was asked to lead. */
    private readonly owner: { readonly startId: string; readonly serverId: string },
    private readonly lastsMs = leaseMs,
  ) {}

  /** What orders of this server are written under; undefined while another leads, or nobody is known to. */
  get fence(): number | undefined {
    return this.held;
  }

  /** Holds on to it, or takes it when it is free. Rejects when the database is away: nobody decides here then. */
  async renew(): Promise<number | undefined> {
    const { startId, serverId } = this.owner;
    this.held = undefined;
    // TypeORM answers an UPDATE with its rows and their number.
    const [rows] = await this.dataSource.query<[{ fence: number }[], number]>(renewOrTakeLead, [
      startId,
      serverId,
      this.lastsMs,
    ]);
    this.held = rows[0]?.fence;
    return this.held;
  }

  /** Another may take it at once. */
  async release(): Promise<void> {
    this.held = undefined;
    await this.dataSource.query(releaseLead, [this.owner.startId]);
  }

  /** Id of the server that leads now. */
  async leader(): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ serverId: string }[]>(readLeader);
    return row?.serverId;
  }
}
