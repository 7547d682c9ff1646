import { availableParallelism } from 'node:os';
import type { Lane } from './lane.ts';
import { ProjectionWorker, type WorkerPorts } from './projection-worker.ts';
import type { RunningProjection } from './running-projection.ts';

/**
 * Each keeps a connection, and so a core of the database, busy: more of them than cores only take turns, with smaller
 * batches each, and leave less to the appends beside them.
 */
const liveWorkers = Math.min(8, 2 * availableParallelism());
/**
 * Apart from the others: a swap holds the live build still until the new one has caught up, which it never would if the
 * workers it needs were those that wait. And a batch of thousands does not stand before one that somebody waits for.
 */
const fillingWorkers = 6;

/** The engine's workers, and which lane is with whom. */
export class Workers {
  private readonly live: readonly ProjectionWorker[];
  private readonly filling: readonly ProjectionWorker[];
  private readonly assigned = new Set<Lane>();

  constructor(ports: Omit<WorkerPorts, 'onTurn'>, afterTurn: () => void) {
    const worker = () =>
      new ProjectionWorker({
        ...ports,
        onTurn: (projection, released) => {
          for (const lane of released) {
            this.assigned.delete(lane);
            this.schedule(projection, lane);
          }
          afterTurn();
        },
      });
    this.live = Array.from({ length: liveWorkers }, worker);
    this.filling = Array.from({ length: fillingWorkers }, worker);
  }

  /**
   * A lane with work goes to the worker that will apply it first, unless one has it already. Load counts in whole batches:
   * what still fits into a worker's next transaction costs little there, and a transaction of its own with another worker.
   */
  schedule(projection: RunningProjection, lane: Lane): void {
    if (lane.pending === 0 || projection.ended || this.assigned.has(lane)) return;
    const workers = projection.filling ? this.filling : this.live;
    let first = workers[0]!;
    let least = Infinity;
    for (const worker of workers) {
      const transactions = worker.transactionsBefore(projection);
      if (transactions >= least) continue;
      [first, least] = [worker, transactions];
      if (least === 0) break;
    }
    this.assigned.add(lane);
    first.add(projection, lane);
  }

  /** Resolves when they have stopped. */
  async run(): Promise<void> {
    await Promise.all([...this.live, ...this.filling].map((worker) => worker.run()));
  }

  /** Lets transactions in flight finish. */
  stop(): void {
    for (const worker of [...this.live, ...this.filling]) worker.stop();
  }
}
