import { z } from 'zod';

const share = z.number().min(0).max(1);

/** What a gateway says of itself, every five seconds. Shares are 0…1. */
export const clusterNodeSchema = z.object({
  serverId: z.string().min(1).max(128),
  /** Another one after each start: a ticket is for one start of a server. */
  startId: z.string().min(1).max(64),
  /** Counts what the server has said since its start; that it moves is what proves the server alive, whatever clocks say. */
  beat: z.number().int().nonnegative(),
  /** Whether it stands behind one URL with others; a server that does not takes only tickets that are made out to it. */
  shared: z.boolean(),
  /** Where clients reach this very server, where the one who asked for it cannot know. */
  url: z.string().max(2048).optional(),
  region: z.string().min(1).max(64),
  /** Degrees; absent where the server does not know where it stands. */
  position: z.object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }).optional(),
  /** Of the cores, or of the time of its event loop where that is more. */
  cpu: share,
  /** Of what the process may use, or of its heap where that is more. */
  memory: share,
  connections: z.number().int().nonnegative(),
  maxConnections: z.number().int().nonnegative(),
  rooms: z.number().int().nonnegative(),
  /** How late the event loop was, 99th percentile since the last beat. */
  eventLoopDelayMs: z.number().nonnegative(),
  /** From commit to socket, 95th percentile since the last beat. */
  latencyMs: z.number().nonnegative(),
  /** Of pings to its clients and back, the median of the last minute; absent while it has none, or of a release before this. */
  roundTripMs: z.number().nonnegative().optional(),
  draining: z.boolean(),
  /** Whether it reaches the database; absent where a release before this says nothing of it. */
  databaseUp: z.boolean().optional(),
  /** Its last word: it has ended as it should, and nobody has lost it. */
  left: z.boolean().optional(),
});

export type ClusterNode = z.infer<typeof clusterNodeSchema>;
export type Position = NonNullable<ClusterNode['position']>;

/** What a node measures of itself; who it is, and its beat, are added to it. */
export type NodeLoad = Pick<
  ClusterNode,
  | 'cpu'
  | 'memory'
  | 'connections'
  | 'maxConnections'
  | 'rooms'
  | 'eventLoopDelayMs'
  | 'latencyMs'
  | 'roundTripMs'
  | 'draining'
  | 'databaseUp'
>;
