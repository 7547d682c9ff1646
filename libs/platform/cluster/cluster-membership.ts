import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { ClusterNode, NodeLoad } from './cluster-node.ts';
import { type ClusterOptions, clusterOptions } from './cluster-options.ts';
import { NodeGauge } from './node-gauge.ts';
import { NodeHealth } from './node-health.ts';
import { NodeRegistry } from './node-registry.ts';

const beatEveryMs = 5000;
/** While many come: ten thousand are there within one beat, whose figures would be told when it is over. */
const freshEveryMs = 500;
/** Share of its places by which a server's connections have changed when that is told before its next beat. */
const worthTelling = 0.01;

/**
 * This server among the others: tells of itself every five seconds and looks who is there. While the registry is away the
 * last known map serves, nobody is put out, and no socket notices.
 */
@Injectable()
export class ClusterMembership implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly health = new NodeHealth();
  private readonly lookListeners = new Set<() => void>();
  private readonly beatListeners = new Set<() => void>();
  private readonly logger = new Logger('Cluster');
  private load: NodeLoad | undefined;
  private beats = 0;
  private timer: NodeJS.Timeout | undefined;
  private freshTimer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private freshening: Promise<void> | undefined;
  private awaited = false;
  private leaving = false;
  /** Whether the registry answered the last time. */
  registryUp = true;

  constructor(
    @Inject(clusterOptions) private readonly options: ClusterOptions,
    private readonly registry: NodeRegistry,
    private readonly gauge: NodeGauge,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.beat(), this.options.beatEveryMs ?? beatEveryMs);
    this.freshTimer = setInterval(() => void this.freshen(), freshEveryMs);
    void this.beat();
  }

  /** The first step of an end: others learn within a beat that nobody is to be sent here any more. */
  async onModuleDestroy(): Promise<void> {
    this.leaving = true;
    await this.running;
    await this.beat();
  }

  /**
   * The last word stays until others have seen it: a server with nobody to drain is gone between two of their looks, and one
   * that only vanished would be missed for an hour.
   */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    clearInterval(this.freshTimer);
    await this.freshening;
    await this.running;
    this.beats += 1;
    await this.registry.publish({ ...this.own(), draining: true, left: true }).catch(() => undefined);
    await this.registry.close();
  }

  /** This server as it is now, and the others that are alive as they were last heard. */
  nodes(): ClusterNode[] {
    const others = this.health.healthy.filter(({ serverId }) => serverId !== this.options.serverId);
    return [this.own(), ...others];
  }

  /** Others that were there and are out. */
  lost(): ClusterNode[] {
    return this.health.unhealthy.filter(({ serverId }) => serverId !== this.options.serverId);
  }

  /** Connections of this server as the others last heard, where `own` has them as they are now. */
  get connectionsTold(): number {
    return this.load?.connections ?? 0;
  }

  /** Called after each look at the others, also one that failed. @returns how to stop */
  onLook(listener: () => void): () => void {
    this.lookListeners.add(listener);
    return () => void this.lookListeners.delete(listener);
  }

  /** Called after each beat of this server, also while the registry is away. @returns how to stop */
  onBeat(listener: () => void): () => void {
    this.beatListeners.add(listener);
    return () => void this.beatListeners.delete(listener);
  }

  own(): ClusterNode {
    const { serverId, startId, shared, region, position, url } = this.options;
    const load = (this.load ??= this.gauge.measure());
    return {
      serverId,
      startId,
      beat: this.beats,
      shared,
      url,
      region,
      position,
      ...load,
      connections: this.gauge.connections(),
      draining: load.draining || this.leaving,
    };
  }

  /** Tells and looks. Never rejects. */
  beat(): Promise<void> {
    this.running ??= this.tellAndLook().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Somebody has been sent to a server: figures of the others are wanted before the next beat. */
  awaitClients(): void {
    this.awaited = true;
  }

  /**
   * Between beats: tells what has changed much, and looks at the others' figures where they are wanted. It is no beat: nobody
   * is judged alive or dead by it. Never rejects.
   */
  freshen(): Promise<void> {
    if (this.running !== undefined || !this.registryUp || this.load === undefined) return Promise.resolve();
    const changed = Math.abs(this.gauge.connections() - this.load.connections);
    const tells = changed > 0 && changed >= worthTelling * this.load.maxConnections;
    if (tells || this.awaited) this.freshening ??= this.tellFresh(tells).finally(() => (this.freshening = undefined));
    return this.freshening ?? Promise.resolve();
  }

  private async tellFresh(tells: boolean): Promise<void> {
    try {
      if (tells) await this.registry.publish(this.fresh());
      if (!this.awaited) return;
      this.awaited = false;
      this.health.refresh(await this.registry.read());
      for (const listener of this.lookListeners) listener();
    } catch {
      // The next beat says that the registry is away.
    }
  }

  private fresh(): ClusterNode {
    this.load = { ...(this.load ?? this.gauge.measure()), connections: this.gauge.connections() };
    return this.own();
  }

  private async tellAndLook(): Promise<void> {
    await this.freshening;
    try {
      this.load = this.gauge.measure();
      this.beats += 1;
      await this.registry.publish(this.own());
      const forgotten = this.health.look(await this.registry.read());
      for (const serverId of forgotten) await this.registry.remove(serverId);
      if (!this.registryUp) this.logger.log('the registry of nodes answers again');
      this.registryUp = true;
    } catch (error) {
      // Once: it is tried again every five seconds.
      if (this.registryUp)
        this.logger.warn(`the registry of nodes is away, the last known map serves: ${String(error)}`);
      this.registryUp = false;
    }
    for (const listener of [...this.lookListeners, ...this.beatListeners]) listener();
  }
}
