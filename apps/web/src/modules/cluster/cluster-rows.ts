import { type TestcastClient, type TestcastError } from '@testcast/client';
import {
  type ClusterMove,
  type ClusterNodeRow,
  type ClusterPartitions,
  type ClusterProjections,
  type ClusterResponse,
  rooms,
} from '@testcast/contracts';

export interface ClusterState {
  readonly nodes: readonly ClusterNodeRow[];
  /** The newest first, as are the responses. */
  readonly moves: readonly ClusterMove[];
  readonly responses: readonly ClusterResponse[];
  readonly partitions?: ClusterPartitions | undefined;
  readonly projections?: ClusterProjections | undefined;
  /** The whole window has arrived once. */
  readonly loaded: boolean;
  readonly ended?: TestcastError | undefined;
}

/** What the rows of the room `cluster` tell, by key. */
export function clusterStateOf(rows: ReadonlyMap<string, unknown>): Omit<ClusterState, 'loaded' | 'ended'> {
  const of = <T>(kind: string): T[] =>
    [...rows].filter(([key]) => key.startsWith(`${kind}:`)).map(([, value]) => value as T);
  return {
    nodes: of<ClusterNodeRow>('node').sort((a, b) => (a.serverId < b.serverId ? -1 : 1)),
    moves: of<ClusterMove>('move').sort((a, b) => b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : -1)),
    responses: of<ClusterResponse>('response').sort((a, b) => b.startedAt - a.startedAt),
    partitions: rows.get('partitions') as ClusterPartitions | undefined,
    projections: rows.get('projections') as ClusterProjections | undefined,
  };
}

/** The rows of the room `cluster` outside of React. */
export class ClusterRows {
  private readonly rows = new Map<string, unknown>();
  private current: ClusterState = { nodes: [], moves: [], responses: [], loaded: false };
  private readonly listeners = new Set<() => void>();

  constructor(private readonly client: TestcastClient) {}

  readonly state = (): ClusterState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Watches until the returned function is called. */
  open(): () => void {
    const watch = this.client.connection.watchState(rooms.cluster(), {
      onItems: (changed, removed) => {
        for (const { key, value } of changed) this.rows.set(key, value);
        for (const key of removed) this.rows.delete(key);
        this.show(clusterStateOf(this.rows));
      },
      onWindow: () => this.show({ loaded: true }),
      onEnd: (ended) => this.show({ ended }),
    });
    return () => watch.close();
  }

  private show(part: Partial<ClusterState>): void {
    this.current = { ...this.current, ...part };
    for (const listener of this.listeners) listener();
  }
}
