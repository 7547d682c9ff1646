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
    const until = performance.now() + this.pace.drainMoveMs;
    // A store that hangs must not keep those from being told who could come back by themselves.
    await Promise.race([this.moveAll(chooseTarget, until), delay(this.pace.drainMoveMs, undefined, { ref: false })]);
    // Also those whom the cluster has asked to move before.
    if ([...this.connections].some(({ isMoving }) => isMoving)) await this.allGone(until - performance.now());
    await this.askAllToLeave();
  }

  /** Never rejects: whoever was not moved comes back by itself. */
  private async moveAll(chooseTarget: ChooseTarget, until: number): Promise<void> {
    const all = [...this.connections];
    try {
      for (let at = 0; at < all.length && performance.now() < until; at += this.pace.drainBatch) {
        const batch = all.slice(at, at + this.pace.drainBatch);
        const { groups, complete } = await grouped(batch, chooseTarget);
        for (const { target, connections } of groups) {
          const deadlineMs = Math.max(0, Math.round(until - performance.now()));
          await this.migration.move(connections, target, 'the server is going away', { deadlineMs });
        }
        if (!complete) return;
        await delay(this.pace.drainEveryMs);
      }
    } catch (error) {
      this.report('moving connections to other servers', error);
    }
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

interface Group {
  readonly target: MigrationTarget;
  readonly connections: Connection[];
}

/** Connections by where they go. `complete`: there was somewhere to go for each. */
async function grouped(
  connections: readonly Connection[],
  chooseTarget: ChooseTarget,
): Promise<{ groups: Iterable<Group>; complete: boolean }> {
  const groups = new Map<string, Group>();
  for (const connection of connections) {
    const target = await chooseTarget();
    if (target === undefined) return { groups: groups.values(), complete: false };
    const group = groups.get(target.startId) ?? { target, connections: [] };
    group.connections.push(connection);
    groups.set(target.startId, group);
  }
  return { groups: groups.values(), complete: true };
}
