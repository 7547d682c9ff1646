import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { closeCodes } from '@testcast/contracts';
import type { Connection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Migration, MigrationTarget } from './migration/index.ts';
import type { RealtimeTuning } from './realtime-options.ts';

/** Where somebody may go; undefined when there is nowhere to go. */
export type ChooseTarget = () => Promise<MigrationTarget | undefined>;

type Pace = Pick<RealtimeTuning, 'drainBatch' | 'drainEveryMs' | 'drainGraceMs' | 'drainMoveMs'>;

/** Reconnects of one drain are spread over this long, so that the next server is not met by all at once. */
const reconnectSpreadMs = 2000;
/** For the closing handshake of those who were closed at the end of the grace. */
const farewellMs = 500;

/**
 * Empties a server that is about to go, at a paced rate: everybody is moved to other servers where there are some, and who
 * is still here then is closed, after the replies that it waits for, and told when to come back.
 */
export class Drain {
  constructor(
    private readonly connections: ConnectionPool,
    private readonly migration: Migration,
    private readonly pace: Pace,
    private readonly report: (what: string, error: unknown) => void,
  ) {}

  /** Settles when all are gone, after the graces at the latest. */
  async run(chooseTarget: ChooseTarget): Promise<void> {
    try {
      if (await this.moveAll(chooseTarget)) await this.allGone(this.pace.drainMoveMs);
    } catch (error) {
      // Whoever was not moved comes back by itself.
      this.report('moving connections to other servers', error);
    }
    await this.askAllToLeave();
  }

  /** @returns whether anybody was asked to move */
  private async moveAll(chooseTarget: ChooseTarget): Promise<boolean> {
    const all = [...this.connections];
    let moved = 0;
    for (let at = 0; at < all.length; at += this.pace.drainBatch) {
      const groups = new Map<string, { target: MigrationTarget; connections: Connection[] }>();
      for (const connection of all.slice(at, at + this.pace.drainBatch)) {
        const target = await chooseTarget();
        if (target === undefined) return moved > 0;
        const group = groups.get(target.startId);
        if (group === undefined) groups.set(target.startId, { target, connections: [connection] });
        else group.connections.push(connection);
      }
      for (const { target, connections } of groups.values()) {
        moved += await this.migration.move(connections, target, 'the server is going away');
      }
      await delay(this.pace.drainEveryMs);
    }
    return moved > 0;
  }

  private async askAllToLeave(): Promise<void> {
    let closed = 0;
    for (const connection of this.connections) {
      const reconnectInMs = Math.round(Math.random() * reconnectSpreadMs);
      connection.leave({ code: closeCodes.goingAway, reason: 'the server is going away', reconnectInMs });
      closed += 1;
      if (closed % this.pace.drainBatch === 0) await delay(this.pace.drainEveryMs);
    }
    await this.allGone(this.pace.drainGraceMs);
    // Whoever still waits for a reply is told as well: cut off without a word it would not know when to come back.
    for (const connection of this.connections) connection.closeUnsettled();
    await this.allGone(farewellMs);
  }

  private async allGone(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.connections.size > 0 && performance.now() < deadline) await delay(20);
  }
}
