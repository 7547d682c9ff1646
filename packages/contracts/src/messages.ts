import { z } from 'zod';
import { linkSchema, projectIdSchema, rerunSchema, runIdSchema, shardIdSchema, variantSchema } from './ids.ts';
import { claimedStatusSchema } from './statuses.ts';

/** What is told about a run; each field is kept as it first became known. */
export const runDescriptionSchema = z.object({
  name: z.string().min(1).max(500).optional(),
  branch: z.string().max(500).optional(),
  commit: z.string().max(100).optional(),
  commitMessage: z.string().max(2000).optional(),
  author: z.string().max(200).optional(),
  url: linkSchema.optional(),
  repositoryUrl: linkSchema.optional(),
  pullRequest: z
    .object({ number: z.int().min(1), url: linkSchema.optional(), targetBranch: z.string().max(500).optional() })
    .optional(),
  trigger: z.string().max(200).optional(),
  expectedTests: z.int().min(0).optional(),
  framework: z.string().max(200).optional(),
  tags: z.array(z.string().max(200)).max(100).optional(),
  environment: z.record(z.string().max(200), z.string().max(2000)).optional(),
  quietAfterMs: z
    .int()
    .min(1000)
    .max(7 * 86_400_000)
    .optional(),
});
export type RunDescription = z.infer<typeof runDescriptionSchema>;

export const runRefSchema = z.object({ projectId: projectIdSchema, runId: runIdSchema });
export type RunRef = z.infer<typeof runRefSchema>;

/** A client's frame before its `data` has been looked at. */
export const clientFrameSchema = z.object({
  id: z.union([z.int().min(0), z.string().min(1).max(64)]),
  type: z.string().min(1).max(64),
  data: z.unknown(),
});
export type ClientFrame = z.infer<typeof clientFrameSchema>;

export const clientMessages = {
  'room.subscribe': z.object({
    room: z.string().min(1).max(1300),
    offset: z.int().min(0).optional(),
    epoch: z.string().max(100).optional(),
  }),
  'room.unsubscribe': z.object({ room: z.string().min(1).max(1300) }),
  'run.start': runRefSchema.extend(runDescriptionSchema.shape),
  'run.finish': runRefSchema.extend({ status: claimedStatusSchema.optional() }),
  'run.cancel': runRefSchema,
  /** Items are parsed one by one, so that a malformed one does not cost the others. */
  'results.report': runRefSchema.extend({
    shardId: shardIdSchema.optional(),
    variant: variantSchema.optional(),
    rerun: rerunSchema.optional(),
    items: z.array(z.unknown()),
  }),
  'auth.refresh': z.object({ token: z.string().min(1).max(8192) }),
  ping: z.object({}),
} as const;
export type ClientMessageType = keyof typeof clientMessages;

/** One event of a stream room as it stands in a frame. */
export interface RoomEvent {
  offset: number;
  eventId: string;
  type: string;
  at: number;
  data: unknown;
}
/** One row of a state room; the higher version wins. */
export interface StateItem {
  key: string;
  version: number;
  value: unknown;
  stale?: boolean;
}
export interface WireErrorBody {
  code: string;
  message: string;
  temporary: boolean;
  retryAfterMs?: number;
  details?: unknown;
}

export type ServerPush =
  | {
      type: 'connected';
      serverId: string;
      connectionId: string;
      timestamp: number;
      restored?: string[];
      limits: Record<string, number>;
    }
  | { type: 'events'; room: string; events: RoomEvent[] }
  | { type: 'head'; room: string; offset: number }
  | { type: 'reset'; room: string; epoch?: string; reason: string }
  | { type: 'state'; room: string; reset?: boolean; more?: boolean; items: StateItem[] }
  | { type: 'migrate'; targetServer: string; url: string; token: string; reason: string; deadlineMs: number }
  | { type: 'closing'; code: number; reason: string; reconnectInMs: number };
export type ServerReply =
  | { id: number | string; type: 'ok'; data: unknown }
  | { id: number | string; type: 'error'; error: WireErrorBody }
  | { id?: undefined; type: 'error'; error: WireErrorBody };
export type ServerFrame = ServerPush | ServerReply;

export type SubscribeReply =
  /** `head` is what the stream has reached, for clients to say how far behind they are. */
  | { room: string; kind: 'stream'; epoch: string; offset: number; head?: number | undefined }
  | { room: string; kind: 'state' };

/** Answer of `POST /v1/connect`. */
export interface ConnectReply {
  serverId: string;
  url: string;
  ticket: string;
  expiresAt: number;
  connectionLimit: number;
  currentLoad: number;
}
