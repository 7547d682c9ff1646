import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ClusterMove, ClusterMoveReason } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { ClusterMembership } from '../cluster-membership.ts';
import type { ClusterNode } from '../cluster-node.ts';
import { type ClusterOptions, clusterOptions } from '../cluster-options.ts';
import { NodeConnections } from '../node-connections.ts';
import { drainDelayMs, DrainedServers } from './drained-servers.ts';
import { LeaderLease } from './leader-lease.ts';
import { MoveCarrier } from './move-carrier.ts';
import { MoveOrders } from './move-orders.ts';
import type { PlannedMove } from './distribution.ts';
import { drainPlan, evenOutPlan, type OnTheWay, rebalancePlan } from './rebalance-plan.ts';
import { MoveCounts } from './move-counts.ts';
import { Settling } from './settling.ts';
import { within } from '../within.ts';

export interface RoundToStart {
  readonly reason: ClusterMoveReason;
  readonly evenOut: boolean;
}

/** Moves that ended since the beat before last are among them. */
const recentMoves = 100;
/** What the end of the process waits for a database that does not answer: its sockets have yet to be drained. */
const lastWordsMs = 2000;

/**
 * Keeps the servers of a cluster from being too full. With each beat one of them, the leader, decides who gives how many to
 * whom, and each server carries out what it was ordered to give. Without the database nobody decides, and nothing else is
 * lost.
 */
@Injectable()
export class Rebalancing implements OnApplicationBootstrap, OnModuleDestroy {
  readonly counts = new MoveCounts();
  private readonly lease: LeaderLease;
  private readonly orders: MoveOrders;
  private readonly drained: DrainedServers;
  private readonly carrier: MoveCarrier;
  private readonly settling = new Settling();
  private readonly logger = new Logger('Cluster');
  private ledUnder: number | undefined;
  private isCordoned = false;
  private running: Promise<void> | undefined;
  private stopped = false;
  private databaseUp = true;
  private readonly stopListening: () => void;

  constructor(
    @Inject(clusterOptions) private readonly options: ClusterOptions,
    private readonly membership: ClusterMembership,
    private readonly connections: NodeConnections,
    dataSource: DataSource,
  ) {
    this.lease = new LeaderLease(dataSource, options);
    this.orders = new MoveOrders(dataSource);
    this.drained = new DrainedServers(dataSource);
    this.carrier = new MoveCarrier({
      connections,
      orders: this.orders,
      nodes: () => membership.nodes(),
      onEnded: (move, progress) => this.counts.ended(move.reason, progress),
      report: (what, error) => this.logger.warn(`${what} failed: ${String(error)}`),
    });
    this.stopListening = membership.onBeat(() => void this.beat());
  }

  /** Before anybody is let in: a server that was drained stays so over its restart. */
  async onApplicationBootstrap(): Promise<void> {
    await this.applyCordon().catch((error: unknown) =>
      this.logger.warn(`whether this server is drained is not known yet: ${String(error)}`),
    );
  }

  /** First of all: another one leads from the next beat on, and who was asked to move is left to the drain of the process. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.stopListening();
    await within(lastWordsMs, async () => {
      await this.running;
      await this.carrier.stop();
      await this.lease.release().catch(() => undefined);
    });
  }

  /** Whether this server decides. */
  get leads(): boolean {
    return this.lease.fence !== undefined;
  }

  /** Whether this server was told to take nobody. */
  get cordoned(): boolean {
    return this.isCordoned;
  }

  /**
   * One round now, whichever server is asked. While moves are under way, or so fresh that figures may not show them yet, these
   * are the answer: asked twice in a row it would move the same again. None while the registry of nodes is away, since an old
   * map is no ground for decisions.
   *
   * @param evenOut to the mean load within 5 %; else what the automatic rule would do
   */
  async start({ reason, evenOut }: RoundToStart): Promise<ClusterMove[]> {
    if (!this.membership.registryUp) return [];
    const nodes = await this.nodes();
    this.settling.note(await this.orders.recent(recentMoves), nodes);
    if (!this.settling.hasSettled(nodes)) return [...this.settling.unsettled];
    return this.round(undefined, reason, () => (evenOut ? evenOutPlan(nodes) : rebalancePlan(nodes)));
  }

  /** The newest first. */
  moves(limit: number): Promise<ClusterMove[]> {
    return this.orders.recent(limit);
  }

  /** Id of the server that leads now. */
  leader(): Promise<string | undefined> {
    return this.lease.leader();
  }

  /**
   * The server stays up, takes nobody and gives away whom it has, until `undrain`, also over a restart. Behind a URL that all
   * share it begins with that once the balancers have noticed; while the registry of nodes is away, once it is back.
   */
  async drain(serverId: string): Promise<ClusterMove[]> {
    await this.drained.add(serverId);
    await this.applyCordon();
    return this.membership.registryUp ? this.moveAway(undefined, serverId) : [];
  }

  /** For each server that is drained by order, how many milliseconds from now it gives connections away; 0 or less: since then. */
  async drains(): Promise<ReadonlyMap<string, number>> {
    const drained = await this.drained.list();
    const delays = new Map(this.membership.nodes().map((node) => [node.serverId, drainDelayMs(node)]));
    return new Map([...drained].map(([serverId, forMs]) => [serverId, (delays.get(serverId) ?? 0) - forMs]));
  }

  async undrain(serverId: string): Promise<void> {
    await this.drained.remove(serverId);
    await this.applyCordon();
  }

  /** Settles when this server has decided, where it leads, and begun what it was ordered. Never rejects. */
  beat(): Promise<void> {
    this.running ??= this.decideAndCarry().finally(() => (this.running = undefined));
    return this.running;
  }

  private async decideAndCarry(): Promise<void> {
    if (this.stopped) return;
    try {
      const fence = await this.lease.renew();
      // Every server listens for what has settled: any of them may be asked for a round, or lead next.
      this.settling.note(await this.orders.recent(recentMoves), this.membership.nodes());
      if (fence !== undefined) await this.lead(fence);
      this.ledUnder = fence;
      await this.applyCordon();
      for (const move of await this.orders.begin(this.options.serverId)) this.carrier.carry(move);
      if (!this.databaseUp) this.logger.log('the database answers again: moves are decided');
      this.databaseUp = true;
    } catch (error) {
      this.ledUnder = undefined;
      // Once: it is tried again with every beat.
      if (this.databaseUp) this.logger.warn(`nobody is moved while the database is away: ${String(error)}`);
      this.databaseUp = false;
    }
  }

  private async lead(fence: number): Promise<void> {
    const drained = await this.drained.list();
    const nodes = await this.nodes(drained);
    if (this.ledUnder !== fence) {
      this.logger.log(`this server leads the cluster, under fence ${fence}`);
      this.settling.begin(nodes);
    }
    await this.orders.sweep();
    await this.drained.sweep();
    // An old map is no ground for decisions.
    if (!this.membership.registryUp) return;
    if (!this.settling.isOver(nodes)) return;
    for (const { serverId } of nodes) if (drained.has(serverId)) await this.moveAway(fence, serverId);
    await this.round(fence, 'rebalance', () => rebalancePlan(nodes));
  }

  /** A round is planned when no other is under way; answers the moves of the one that is. */
  private async round(
    fence: number | undefined,
    reason: ClusterMoveReason,
    plan: () => readonly PlannedMove[],
  ): Promise<ClusterMove[]> {
    let underWay: readonly ClusterMove[] = [];
    const placed = await this.orders.place(fence, reason, (open) => {
      underWay = open;
      return open.length === 0 ? plan() : [];
    });
    this.counts.ordered(placed ?? []);
    return placed === undefined || placed.length === 0 ? [...underWay] : placed;
  }

  /** Orders a drained server to give away those whom no order moves yet. */
  private async moveAway(fence: number | undefined, serverId: string): Promise<ClusterMove[]> {
    const drained = await this.drained.list();
    const nodes = await this.nodes(drained);
    const node = nodes.find((each) => each.serverId === serverId);
    if (node !== undefined && (drained.get(serverId) ?? 0) < drainDelayMs(node)) return [];
    let underWay: readonly ClusterMove[] = [];
    const placed = await this.orders.place(fence, 'drain', (open) => {
      underWay = open.filter(({ from }) => from === serverId);
      return underWay.length === 0 ? drainPlan(nodes, serverId, onTheWayOf(open)) : [];
    });
    this.counts.ordered(placed ?? []);
    return placed === undefined || placed.length === 0 ? [...underWay] : placed;
  }

  /** Servers that are alive; one that is drained says so itself only with its next word. */
  private async nodes(drained?: ReadonlyMap<string, number>): Promise<ClusterNode[]> {
    const given = drained ?? (await this.drained.list());
    return this.membership.nodes().map((node) => ({ ...node, draining: node.draining || given.has(node.serverId) }));
  }

  private async applyCordon(): Promise<void> {
    const drained = await this.drained.list();
    const cordoned = drained.has(this.options.serverId);
    if (cordoned) await this.drained.note(this.options.serverId);
    if (cordoned === this.isCordoned) return;
    this.isCordoned = cordoned;
    this.connections.cordon(cordoned);
    // Others learn of it now, and not with the next beat.
    void this.membership.beat();
  }
}

function onTheWayOf(open: readonly ClusterMove[]): OnTheWay {
  const counts = new Map<string, number>();
  for (const { to, ordered, moved } of open) counts.set(to, (counts.get(to) ?? 0) + ordered - moved);
  return counts;
}
