import { limits } from '@testcast/contracts';
import type { RecordedEvent } from '#platform/event-store';
import type { MovedConnections } from './migration/moved-connections.ts';
import type { RealtimeEngine, UpgradeRequest } from './realtime-engine.ts';

export const realtimeOptions = Symbol('testcast:realtime-options');

export interface RealtimeOptions {
  readonly serverId: string;
  /** Where the server stands, for those who count over several; default `local`. */
  readonly region?: string | undefined;
  /** Connections that this process holds at most; one more is refused with 503. */
  readonly maxConnections: number;
  /** Bytes of heap at which the process counts as full; default 1.5 GiB, and never more than V8 gives. */
  readonly memoryLimitBytes?: number | undefined;
  /** Path of the upgrade; default `/stream`. */
  readonly path?: string | undefined;
  /** Where people reach this server: pages of this origin may connect. */
  readonly publicUrl?: string | undefined;
  /** Further origins whose pages may connect (`https://ci.example.com`); `*` = all. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Connects of one source address: a token bucket. */
  readonly connectRate?: ConnectRate | undefined;
  /** The address that the connect rate counts by, for servers behind proxies; default the peer's. */
  readonly sourceOf?: ((request: UpgradeRequest) => string) | undefined;
  /** Called after each reply: the message's type, how long it took and the error's code, if it was one. */
  readonly onHandled?: ((type: string, milliseconds: number, error?: string) => void) | undefined;
  /** Called around the handling of each message that a module takes. */
  readonly aroundHandler?: ((message: HandledMessage, handle: () => unknown) => unknown) | undefined;
  /** Called after each write of a stream room: the events, and how many subscribers they were written to. */
  readonly onDelivered?: ((events: readonly RecordedEvent[], subscribers: number) => void) | undefined;
  /** The WebSocket implementation; default `ws` on the application's HTTP server. */
  readonly engine?: (() => RealtimeEngine) | undefined;
  /** This start of this server, where it has a URL of its own: connections that are moved to it say so. */
  readonly startId?: string | undefined;
  /** Where servers leave connections for each other; default in memory, for servers of one process. */
  readonly movedConnections?: MovedConnections | undefined;
  /** Sizes and times that only tests and measurements change. */
  readonly tuning?: Partial<RealtimeTuning> | undefined;
}

/** A message as those see it who look on: its error is known once it has been handled. */
export interface HandledMessage {
  readonly type: string;
  /** On the monotonic clock. */
  readonly arrivedAt: number;
  readonly errorCode: string | undefined;
}

export interface ConnectRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Where a number comes from is said where it is not the protocol's own. */
export interface RealtimeTuning {
  /** Upgrades that wait for their token to be checked, at once. */
  readonly maxPendingAdmissions: number;
  readonly admissionTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** A connection from which nothing came for this long is pinged. */
  readonly pingAfterMs: number;
  /** How often connections are looked at: pings, idle and expired ones, slow ones. */
  readonly tickMs: number;
  /** How long an expired token may still be renewed. */
  readonly expiryGraceMs: number;
  /** How often the credentials of open connections are looked up again. */
  readonly credentialsEveryMs: number;
  /** Bytes in the socket's buffer from which frames wait in the outbox. */
  readonly backpressureBytes: number;
  /** Bytes that may wait in the outbox (Centrifugo's `queue_max_size`), and how long the oldest of them may. */
  readonly maxQueuedBytes: number;
  readonly maxQueuedMs: number;
  readonly inFlight: number;
  /** Messages that may wait beyond those in flight, before the connection is closed with 4008. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly maxBadFrames: number;
  readonly maxRooms: number;
  readonly recoverableGap: number;
  /** How long a room stays after its last subscriber left: a page that is reloaded finds it warm. */
  readonly roomLingerMs: number;
  /** Silence after which a stream room tells its head. */
  readonly headAfterMs: number;
  /** How long a hole may stay before it is read from the store. */
  readonly holeMs: number;
  /** Bytes of the newest events that a room keeps, so that a short absence costs no read. */
  readonly recentBytes: number;
  /** The same for all rooms together. */
  readonly allRecentBytes: number;
  /** How often the heads of the log are compared with what was seen. */
  readonly feedEveryMs: number;
  readonly stateEveryMs: number;
  readonly stateRetryMaxMs: number;
  readonly windowEveryMs: number;
  /** Connections closed in one step of a drain, and the time between two steps. */
  readonly drainBatch: number;
  readonly drainEveryMs: number;
  /** How long somebody who was asked to move may take. */
  readonly migrateGraceMs: number;
  /** How long a drain waits for those who were asked to move. */
  readonly drainMoveMs: number;
  /** How long a drain waits for replies that are still out and for closing handshakes. */
  readonly drainGraceMs: number;
}

export const defaultTuning: RealtimeTuning = {
  maxPendingAdmissions: 4096,
  admissionTimeoutMs: 10_000,
  idleTimeoutMs: limits.idleTimeoutMs,
  pingAfterMs: 12_000,
  tickMs: 1000,
  expiryGraceMs: 10_000,
  credentialsEveryMs: 2000,
  backpressureBytes: 64 * 1024,
  maxQueuedBytes: 1024 * 1024,
  maxQueuedMs: 10_000,
  inFlight: limits.inFlight,
  maxWaiting: 64,
  maxWaitingBytes: 4 * limits.clientFrameBytes,
  maxBadFrames: 20,
  maxRooms: 100,
  recoverableGap: limits.recoverableGap,
  roomLingerMs: 10_000,
  headAfterMs: 15_000,
  holeMs: 25,
  recentBytes: 64 * 1024,
  allRecentBytes: 128 * 1024 * 1024,
  feedEveryMs: 1000,
  stateEveryMs: 100,
  stateRetryMaxMs: 5000,
  windowEveryMs: 30_000,
  drainBatch: 500,
  drainEveryMs: 50,
  migrateGraceMs: 30_000,
  drainMoveMs: 20_000,
  drainGraceMs: 3000,
};

/** High enough for a whole fleet behind one address to come back within seconds after a restart. */
export const defaultConnectRate: ConnectRate = { perSecond: 2000, burst: 12_000 };
