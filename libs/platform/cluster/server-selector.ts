import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#platform/kernel';
import { Assignments } from './assignments.ts';
import { ClientPlaces } from './client-places.ts';
import { ClusterMembership } from './cluster-membership.ts';
import type { ClusterNode, Position } from './cluster-node.ts';
import { type ClusterOptions, clusterOptions } from './cluster-options.ts';
import { chooseServer } from './server-choice.ts';

/** When all servers are full: new ones take a beat to be seen. */
const retryAfterMs = 5000;

export interface ClientToPlace {
  /** As the proxies that are trusted saw it. */
  readonly address: string;
  /** Asked for by the client itself. */
  readonly region?: string | undefined;
  /** Where it is, for who knows that better than an address does. */
  readonly position?: Position | undefined;
  /** Servers that it has just lost or not reached. */
  readonly avoid?: readonly string[] | undefined;
}

/** Chooses the server for a client. */
@Injectable()
export class ServerSelector {
  private readonly assignments = new Assignments();
  private readonly places: ClientPlaces;
  private readonly logger = new Logger('Cluster');
  private placesFailed = false;

  constructor(
    private readonly membership: ClusterMembership,
    @Inject(clusterOptions) private readonly options: ClusterOptions,
  ) {
    this.places = new ClientPlaces(options.placesFile);
    // Also while the registry is away: whoever was sent somewhere may have left, and would take a place there for as long.
    membership.onLook(() => this.assignments.looked());
  }

  /** Throws `connection.limit` when no server has room. */
  async select({ address, region, position: known, avoid = [] }: ClientToPlace): Promise<ClusterNode> {
    const nodes = this.membership.nodes();
    const position = known ?? (spread(nodes) ? await this.positionOf(address) : undefined);
    const choose = (among: readonly ClusterNode[]) =>
      chooseServer(among, { region, position }, this.inFlight, Math.random);
    // A server that has died counts as up until it has missed three beats, and as the emptiest, since nobody new gets in.
    const server = choose(nodes.filter(({ serverId }) => !avoid.includes(serverId))) ?? choose(nodes);
    if (server === undefined) throw new DomainError('connection.limit', undefined, { retryAfterMs });
    this.assignments.add(server.serverId);
    this.membership.awaitClients();
    return server;
  }

  /**
   * This server counts who comes as they come, others only with their next word: counted as both, it would get half of what
   * the others get from a crowd that asks it alone.
   */
  private readonly inFlight = (serverId: string): number => {
    const sent = this.assignments.inFlight(serverId);
    if (serverId !== this.options.serverId) return sent;
    return Math.max(0, this.membership.connectionsTold + sent - this.membership.own().connections);
  };

  /** Where somebody is only helps; without it everybody is as near. */
  private async positionOf(address: string): Promise<Position | undefined> {
    try {
      return await this.places.positionOf(address);
    } catch (error) {
      if (!this.placesFailed) this.logger.warn(`the database of addresses cannot be read: ${String(error)}`);
      this.placesFailed = true;
      return undefined;
    }
  }
}

/** Whether it matters where a client is. */
function spread(nodes: readonly ClusterNode[]): boolean {
  return nodes.some(({ region }) => region !== nodes[0]!.region);
}
