import type { DataSource, EntityManager } from 'typeorm';
import type { ResponseAction } from './alert-notification.ts';
import { adoptFloor, floorInEffect, lockFloor, rememberFloor } from './cluster-responses.sql.ts';
import type { KubernetesAutoscaler } from './kubernetes-autoscaler.ts';

interface Floor {
  readonly before: number | null;
  readonly raised: number | null;
  readonly kept: number | null;
  readonly ours: readonly number[];
}

/**
 * The least number of pods, raised while alerts ask for it. The autoscaler keeps deciding how many there are above it; it acts
 * on a raised floor at its next look, where its own windows would wait a minute.
 *
 * What is asked for is stored before it is done: a gateway that dies between both leaves a row by which another one gives it back.
 */
export class PodFloor {
  constructor(
    private readonly database: DataSource,
    private readonly autoscaler: KubernetesAutoscaler,
  ) {}

  /** @returns what was done, for people */
  async raise(id: string, action: ResponseAction): Promise<string> {
    await this.alone(async (tx) => {
      const { minReplicas, maxReplicas, currentReplicas } = await this.autoscaler.read();
      const { before: first, raised, ours } = await floorOf(tx);
      // Somebody has set it while responses were in effect, to a number that none of them knows.
      const isTheirs = raised !== null && !ours.includes(minReplicas);
      if (isTheirs) await tx.query(adoptFloor, [minReplicas]);
      const before = isTheirs ? minReplicas : first;
      const more = action === 'scale_out' ? currentReplicas + 1 : Math.ceil(currentReplicas * 1.5);
      const asked = Math.max(Math.min(more, maxReplicas), minReplicas, raised ?? 0);
      await tx.query(rememberFloor, [id, before ?? minReplicas, asked]);
    });
    return this.alone(async (tx) => {
      const { minReplicas, maxReplicas } = await this.autoscaler.read();
      const { raised } = await floorOf(tx);
      const floor = Math.min(raised ?? minReplicas, maxReplicas);
      if (floor <= minReplicas) return `there are at least ${minReplicas} pods already`;
      await this.autoscaler.setMinReplicas(floor);
      return `at least ${floor} pods, where it was ${minReplicas}`;
    });
  }

  /**
   * Back to what other responses still ask for, or to what it was.
   *
   * @param end takes the response out of those in effect, in the same transaction: whoever ends another one right after
   * would else still count it, find a floor that is not theirs, and leave it
   */
  async lower(id: string, end: (tx: EntityManager, detail: string) => Promise<void>): Promise<string> {
    return this.alone(async (tx) => {
      const detail = await this.giveBack(await floorOf(tx, id));
      await end(tx, detail);
      return detail;
    });
  }

  private async giveBack({ before, raised, kept }: Floor): Promise<string> {
    if (raised === null || before === null) return 'no pods were asked for';
    const { minReplicas } = await this.autoscaler.read();
    // Never below what somebody has set while responses were in effect, however little the others asked for before that.
    const floor = Math.max(kept ?? 0, before);
    // Somebody else has changed it meanwhile, or it was given back already: it is not ours any more.
    if (minReplicas !== raised || floor === raised) return `at least ${minReplicas} pods, left as it was`;
    await this.autoscaler.setMinReplicas(floor);
    return `at least ${floor} pods again`;
  }

  private alone<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(lockFloor);
      return work(tx);
    });
  }
}

async function floorOf(tx: EntityManager, ending?: string): Promise<Floor> {
  const [floor] = await tx.query<[Floor]>(floorInEffect, [ending ?? null]);
  return floor;
}
