import { Assignments, chooseServer, NodeHealth, type ClusterNode } from '#platform/cluster';
import { type Region, regions } from './region.ts';
import type { SimulatedClient } from './simulated-client.ts';

/** Places of a gateway of a cluster (`MAX_CONNECTIONS`). */
export const capacity = 2500;
/** Between two words of a gateway, seconds. */
export const beatEvery = 5;

export type GatewayState = 'starting' | 'up' | 'draining' | 'dead';

/** A gateway: its clients, and what it knows of the others, by the product's own classes. */
export class SimulatedGateway {
  readonly clients = new Set<SimulatedClient>();
  readonly serverId: string;
  state: GatewayState = 'starting';
  /** When a dead one's place is taken by a new one; seconds of the day. */
  replacedAt = Number.POSITIVE_INFINITY;
  /** Connections at the last scrape; undefined before the first. */
  scraped: number | undefined;
  private readonly health = new NodeHealth();
  private readonly assignments = new Assignments();
  private beats = 0;
  private known: ClusterNode[] = [];

  constructor(
    readonly number: number,
    readonly region: Region,
    readonly readyAt: number,
  ) {
    this.serverId = `gateway-${number}`;
  }

  /** What it says of itself now. */
  say(): ClusterNode {
    this.beats += 1;
    const load = this.clients.size / capacity;
    return {
      serverId: this.serverId,
      startId: this.serverId,
      beat: this.beats,
      shared: false,
      region: this.region,
      position: regions[this.region],
      // A quarter of the cores at most: one process has one event loop.
      cpu: 0.02 + 0.2 * load,
      memory: 0.05 + 0.02 * load,
      connections: this.clients.size,
      maxConnections: capacity,
      rooms: Math.round(this.clients.size / 50),
      eventLoopDelayMs: 5 + 15 * load,
      latencyMs: 5 + 20 * load,
      draining: this.state === 'draining',
    };
  }

  /** Looks who is there. */
  look(registry: Iterable<ClusterNode>): void {
    this.health.look([...registry]);
    this.known = this.health.healthy.filter(({ serverId }) => serverId !== this.serverId);
    this.assignments.looked();
  }

  /** Where it sends a newcomer, or one of its own when it goes. */
  choose(region: Region, random: () => number): string | undefined {
    const own = { ...this.ownWord, connections: this.clients.size, draining: this.state === 'draining' };
    const client = { region, position: regions[region] };
    const chosen = chooseServer([own, ...this.known], client, this.assignments.inFlight, random);
    if (chosen !== undefined) this.assignments.add(chosen.serverId);
    return chosen?.serverId;
  }

  private ownWord!: ClusterNode;

  /** Tells and looks, as it does every five seconds. */
  beat(registry: Map<string, ClusterNode>): void {
    this.ownWord = this.say();
    registry.set(this.serverId, this.ownWord);
    this.look(registry.values());
  }
}
