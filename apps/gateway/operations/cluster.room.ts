import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { clusterRowsOf, rooms, type StateItem } from '@testcast/contracts';
import { ClusterMembership } from '#platform/cluster';
import { defineRoom, RealtimeServer, RoomRegistry } from '#platform/realtime';
import { ClusterViews } from './cluster-views.ts';

/** `cluster`: the servers, their moves, the log and the projections, as the gateway sees them with each beat. */
@Injectable()
export class ClusterRoom implements OnApplicationBootstrap, OnModuleDestroy {
  private stopListening: (() => void) | undefined;
  private versions: ReadonlyMap<string, { readonly json: string; readonly version: number }> = new Map();

  constructor(
    registry: RoomRegistry,
    private readonly views: ClusterViews,
    private readonly membership: ClusterMembership,
    private readonly server: RealtimeServer,
  ) {
    registry.add(
      defineRoom({
        kind: 'state',
        pattern: 'cluster',
        projectOf: () => '*',
        role: 'admin',
        window: () => this.rows(),
        read: async (_params, keys) => {
          const rows = await this.rows();
          return { items: rows.filter(({ key }) => keys.includes(key)), checkpoints: new Map() };
        },
        // Nothing of it is in the log.
        markOf: () => undefined,
      }),
    );
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.membership.onBeat(() => this.server.refreshRoom(rooms.cluster()));
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  private async rows(): Promise<StateItem[]> {
    const view = await this.views.now();
    const items: StateItem[] = [];
    for (const [key, value] of clusterRowsOf(view)) {
      const json = JSON.stringify(value);
      const known = this.versions.get(key);
      // A row that stands still keeps its version: nobody is told of it again. By the clock, since there is no stream whose version it could be.
      const version = known?.json === json ? known.version : Math.max(view.at, (known?.version ?? 0) + 1);
      items.push({ key, version, value });
    }
    this.versions = new Map(
      items.map(({ key, version, value }) => [key, { json: JSON.stringify(value), version }] as const),
    );
    return items;
  }
}
