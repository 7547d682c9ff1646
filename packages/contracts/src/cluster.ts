import { z } from 'zod';
import { timestampSchema } from './ids.ts';

export const clusterLimits = {
  /** Moves and responses that the room and `GET /v1/admin/cluster` show, the newest first. */
  moves: 50,
  responses: 50,
} as const;

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const serverIdSchema = z.string().min(1).max(128);
const idSchema = z.string().min(1).max(64);

/** `out`: three looks in which nothing was heard of it. */
export const clusterNodeStates = ['up', 'draining', 'out'] as const;

/** `node:<serverId>`: a gateway as it was last heard, every five seconds. */
export const clusterNodeSchema = z.object({
  serverId: serverIdSchema,
  region: z.string().min(1).max(64),
  /** Where clients reach this very gateway; absent behind one shared URL. */
  url: z.string().max(2048).optional(),
  state: z.enum(clusterNodeStates),
  /** Milliseconds from an order to drain it until it gives connections away; absent where that begins at once. */
  drainDelayMs: count.optional(),
  /** Once it is drained by order: when that begins. */
  drainsFrom: timestampSchema.optional(),
  connections: count,
  maxConnections: count,
  /** connections / maxConnections, 1 at the most. */
  load: share,
  /** Of the cores, or of the time of its event loop where that is more. */
  cpu: share,
  /** Of what the process may use, or of its heap where that is more. */
  memory: share,
  rooms: count,
  /** 99th percentile since the last word. */
  eventLoopDelayMs: z.number().min(0),
  /** From commit to socket, 95th percentile since the last word. */
  latencyMs: z.number().min(0),
  version: z.string().max(64).optional(),
  /** False while it does not reach the database: nobody is sent there as long as there is another. */
  databaseUp: z.boolean().optional(),
  /** It decides who moves where. */
  leader: z.boolean(),
});

export const clusterMoveStates = ['ordered', 'running', 'done', 'failed', 'expired'] as const;
export const clusterMoveReasons = ['rebalance', 'drain', 'manual', 'alert'] as const;
export const clusterMoveReasonSchema = z.enum(clusterMoveReasons);

/** `move:<id>`: connections that one gateway was ordered to give to another. */
export const clusterMoveSchema = z.object({
  id: idSchema,
  from: serverIdSchema,
  to: serverIdSchema,
  /** Connections: ordered, gone to the other one, and asked without going there. Fewer may move than were ordered. */
  ordered: count,
  moved: count,
  failed: count,
  reason: clusterMoveReasonSchema,
  /** `expired`: the giver did not begin it in time, or who ordered it decides no longer. */
  state: z.enum(clusterMoveStates),
  /** Why it failed or expired. */
  problem: z.string().max(500).optional(),
  orderedAt: timestampSchema,
  startedAt: timestampSchema.optional(),
  endedAt: timestampSchema.optional(),
});

/** `partitions`: the log. */
export const clusterPartitionsSchema = z.object({
  partitions: count,
  /** Of the 256 slots of the log. */
  slots: count,
  /** Slots of the fullest partition. */
  mostSlots: count,
  /** Slots whose rows are being moved to another partition. */
  movingSlots: count,
  /** Events in the log. */
  events: count,
});

/** `projections`: all projections together. */
export const clusterProjectionsSchema = z.object({
  projections: count,
  /** Events of the log that the projection farthest behind has not applied. */
  lag: count,
  /** Versions that are being built beside the one that is read. */
  builds: count,
  /** Streams that are set aside because an event of them fails. */
  parked: count,
});

export const clusterResponseStates = ['running', 'done', 'failed', 'undone'] as const;

/** `response:<id>`: what the cluster did by itself about an alert. */
export const clusterResponseSchema = z.object({
  id: idSchema,
  alert: z.string().min(1).max(200),
  action: z.string().min(1).max(200),
  /** What the action was taken on, where it was one server. */
  serverId: serverIdSchema.optional(),
  state: z.enum(clusterResponseStates),
  detail: z.string().max(500).optional(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.optional(),
  undoneAt: timestampSchema.optional(),
});

/** `GET /v1/admin/cluster`, and by key the room `cluster`: as the gateway that answers sees it. */
export const clusterViewSchema = z.object({
  /** The gateway that answers. */
  serverId: serverIdSchema,
  at: timestampSchema,
  nodes: z.array(clusterNodeSchema),
  moves: z.array(clusterMoveSchema).max(clusterLimits.moves),
  responses: z.array(clusterResponseSchema).max(clusterLimits.responses),
  /** Absent while the database does not answer. */
  partitions: clusterPartitionsSchema.optional(),
  projections: clusterProjectionsSchema.optional(),
});

/** Body of `POST /v1/admin/cluster/rebalance`. */
export const clusterRebalanceSchema = z.object({
  /** To the mean load, within 5 %; false: only what the automatic rule would do now. */
  evenOut: z.boolean().default(true),
});

/** Value of a row of the room `cluster`, by the part of its key before the colon. */
export const clusterRowSchemas = {
  node: clusterNodeSchema,
  move: clusterMoveSchema,
  response: clusterResponseSchema,
  partitions: clusterPartitionsSchema,
  projections: clusterProjectionsSchema,
} as const;

export type ClusterNodeRow = z.infer<typeof clusterNodeSchema>;
export type ClusterMove = z.infer<typeof clusterMoveSchema>;
export type ClusterMoveReason = z.infer<typeof clusterMoveReasonSchema>;
export type ClusterMoveState = ClusterMove['state'];
export type ClusterPartitions = z.infer<typeof clusterPartitionsSchema>;
export type ClusterProjections = z.infer<typeof clusterProjectionsSchema>;
export type ClusterResponse = z.infer<typeof clusterResponseSchema>;
export type ClusterView = z.infer<typeof clusterViewSchema>;

/** The rows that the room `cluster` shows of a view. */
export function clusterRowsOf(view: ClusterView): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const node of view.nodes) rows.set(`node:${node.serverId}`, node);
  for (const move of view.moves) rows.set(`move:${move.id}`, move);
  for (const response of view.responses) rows.set(`response:${response.id}`, response);
  if (view.partitions !== undefined) rows.set('partitions', view.partitions);
  if (view.projections !== undefined) rows.set('projections', view.projections);
  return rows;
}
