import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterMove, ClusterMoveReason } from '@testcast/contracts';
import type { ClusterNode } from '../cluster-node.ts';
import type { NodeConnections } from '../node-connections.ts';
import type { MoveOrders, MoveProgress } from './move-orders.ts';

/** As a drain of a process does (ADR 0020): 2,500 are asked within a quarter of a second. */
const batch = 500;
const batchEveryMs = 50;
/** Who was asked has thirty seconds; a server that closes them then looks at them once a second. */
const goneWithinMs = 33_000;
const lookEveryMs = 100;
/** How often the row says how far it is. */
const reportEveryMs = 1000;
/** Nobody is sent from server to server: who was moved here stays as long, but on a server that is drained. */
const restMs = 5 * 60_000;

const toldReasons: Readonly<Record<ClusterMoveReason, string>> = {
  rebalance: 'the server has too many connections',
  manual: 'connections are evened out',
  alert: 'connections are evened out',
  drain: 'the server is drained',
};

export interface MoveCarrierOptions {
  readonly connections: NodeConnections;
  readonly orders: MoveOrders;
  /** Servers that are alive. */
  readonly nodes: () => readonly ClusterNode[];
  readonly onEnded: (move: ClusterMove, progress: MoveProgress) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** Carries out what this server was ordered to give. */
export class MoveCarrier {
  private readonly running = new Set<Promise<void>>();
  private stopping = false;

  constructor(private readonly options: MoveCarrierOptions) {}

  /** @param move has been begun. Never rejects: what fails is said in its row. */
  carry(move: ClusterMove): void {
    const carried = this.carryOut(move).finally(() => this.running.delete(carried));
    this.running.add(carried);
  }

  /** Asks nobody more, and says in the rows how far they came. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running);
  }

  private async carryOut(move: ClusterMove): Promise<void> {
    const progress = { moved: 0, failed: 0 };
    let problem: string | undefined;
    try {
      problem = await this.moveAll(move, progress);
    } catch (error) {
      this.options.report(`moving connections to ${move.to}`, error);
      problem = 'the connections could not be asked to move: see the log of the giver';
    }
    this.options.onEnded(move, progress);
    try {
      await this.options.orders.end(move.id, progress, problem);
    } catch (error) {
      // The leader ends it in its time.
      this.options.report(`ending the move ${move.id}`, error);
    }
  }

  /** @returns why nobody went, where nobody did */
  private async moveAll(move: ClusterMove, progress: { moved: number; failed: number }): Promise<string | undefined> {
    let asked = 0;
    const onGone = (went: boolean): void => void (went ? (progress.moved += 1) : (progress.failed += 1));
    while (asked < move.ordered && !this.stopping) {
      // Looked up for each batch: it may be lost or drained meanwhile.
      const target = this.options.nodes().find(({ serverId }) => serverId === move.to);
      if (target === undefined || target.draining) {
        if (asked === 0) return 'the taker has gone, or is drained';
        break;
      }
      const count = Math.min(batch, move.ordered - asked);
      const reason = toldReasons[move.reason];
      const rest = move.reason === 'drain' ? undefined : restMs;
      const now = await this.options.connections.move({ count, target, reason, restMs: rest, onGone });
      asked += now;
      if (now < count) break;
      await delay(batchEveryMs);
    }
    await this.allGone(move.id, asked, progress);
    return asked > 0 && progress.moved === 0 ? 'none of those who were asked went' : undefined;
  }

  private async allGone(id: string, asked: number, progress: MoveProgress): Promise<void> {
    const deadline = performance.now() + goneWithinMs;
    let reportedAt = performance.now();
    while (progress.moved + progress.failed < asked && performance.now() < deadline && !this.stopping) {
      await delay(lookEveryMs);
      if (performance.now() - reportedAt < reportEveryMs) continue;
      reportedAt = performance.now();
      await this.options.orders
        .report(id, progress)
        .catch((error: unknown) => this.options.report(`move ${id}`, error));
    }
  }
}
