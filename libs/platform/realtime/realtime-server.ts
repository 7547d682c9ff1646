import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { closeCodes } from '@testcast/contracts';
import { EventStore } from '#platform/event-store';
import { Authenticator, type Caller, Clock, type DomainError, everyStep, SystemClock } from '#platform/kernel';
import { Admission } from './admission.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { CredentialCheck } from './credential-check.ts';
import { type ChooseTarget, Drain } from './drain.ts';
import { WsEngine } from './engine.ws.ts';
import { HandlerTable } from './handler-table.ts';
import { MovedConnectionsInMemory, Migration } from './migration/index.ts';
import { MemoryGuard, type MemoryLevel, memoryLimits } from './memory-guard.ts';
import type { EngineHost, EngineSocket, RealtimeEngine, SocketListener, UpgradeRequest } from './realtime-engine.ts';
import { defaultTuning, type RealtimeOptions, realtimeOptions, type RealtimeTuning } from './realtime-options.ts';
import { RoomFeed } from './room-feed.ts';
import { RoomHandlers } from './room-handlers.ts';
import { RoomHub } from './room-hub.ts';
import { RoomRegistry } from './room-registry.ts';
import { RoundTrips } from './round-trips.ts';
import { SessionHandlers } from './session-handlers.ts';
import type { SocketMove } from './socket-move.ts';

/** Figures for metrics; counters grow from the start of the process. */
export interface RealtimeStats {
  readonly serverId: string;
  readonly region: string;
  readonly connections: number;
  readonly admitting: number;
  readonly rooms: number;
  readonly subscriptions: number;
  readonly queuedBytes: number;
  /** One event at one socket counts one. */
  readonly deliveries: number;
  readonly holeReads: number;
  readonly memoryLevel: MemoryLevel;
  /** Refused upgrades by error code, ended connections by close code. */
  readonly refused: ReadonlyMap<string, number>;
  readonly closed: ReadonlyMap<number, number>;
}

/** What the choice of a server goes by. */
export interface RealtimeLoad {
  readonly serverId: string;
  readonly connections: number;
  readonly maxConnections: number;
  /** connections / maxConnections */
  readonly load: number;
  readonly rooms: number;
  readonly draining: boolean;
}

/** Reconnects of those who are asked to leave are spread over this long, so that the next server is not met by all at once. */
const reconnectSpreadMs = 2000;
/** Connections are looked after in as many parts. */
const slicesATick = 8;
/** Of the heap; buffers of sockets come on top of it. */
const defaultMemoryLimitBytes = 1536 * 1024 * 1024;

/** The connections of this process, from admission to the last close. */
@Injectable()
export class RealtimeServer implements EngineHost, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly handlers = new HandlerTable();
  readonly feed: RoomFeed;
  /** Bytes of heap at which this process counts as full. */
  readonly heapLimitBytes: number;
  private readonly tuning: RealtimeTuning;
  private readonly connections = new ConnectionPool();
  private readonly closedBy = new Map<number, number>();
  private readonly admission: Admission;
  private readonly credentials: CredentialCheck;
  private readonly hub: RoomHub;
  private readonly memory: MemoryGuard;
  private readonly roundTrips = new RoundTrips();
  private readonly migration: Migration;
  private readonly roomHandlers: RoomHandlers;
  /** Where those who have to go may go; nowhere, unless somebody knows of other servers. */
  chooseTarget: ChooseTarget = () => Promise.resolve(undefined);
  private readonly engine: RealtimeEngine;
  private readonly context: ConnectionContext;
  private readonly logger = new Logger('Realtime');
  private timer: NodeJS.Timeout | undefined;
  private opened = 0;
  private ticks = 0;
  private draining: Promise<void> | undefined;
  private cordoned = false;

  constructor(
    @Inject(realtimeOptions) private readonly options: RealtimeOptions,
    private readonly http: HttpAdapterHost,
    authenticator: Authenticator,
    store: EventStore,
    private readonly registry: RoomRegistry,
    @Optional() private readonly clock: Clock = new SystemClock(),
  ) {
    this.tuning = { ...defaultTuning, ...options.tuning };
    const report = (what: string, error: unknown) => this.report(what, error);
    this.hub = new RoomHub(store, registry, options, this.tuning, report);
    this.feed = new RoomFeed(store, this.hub, this.tuning.feedEveryMs);
    this.hub.onOtherEpoch = () => this.feed.poke();
    this.migration = new Migration(
      options.movedConnections ?? new MovedConnectionsInMemory(),
      options.startId,
      () => this.clock.now(),
      this.tuning.migrateGraceMs,
    );
    this.admission = new Admission(
      options,
      this.tuning,
      authenticator,
      this.migration,
      () => this.connections.size,
      (error) => this.report('admission', error.cause ?? error),
    );
    this.credentials = new CredentialCheck(authenticator, this.tuning.credentialsEveryMs, report);
    const limits = memoryLimits(options.memoryLimitBytes ?? defaultMemoryLimitBytes);
    this.heapLimitBytes = limits.heap;
    this.memory = new MemoryGuard(limits, {
      shed: () => this.hub.shed(),
      refuse: (refusing) => (this.admission.outOfMemory = refusing),
      drain: () => this.askHeaviestToLeave(),
      report: (what) => this.logger.warn(what),
    });
    this.engine = options.engine?.() ?? new WsEngine();
    this.context = {
      options,
      tuning: this.tuning,
      handlers: this.handlers,
      now: () => this.clock.now(),
      onClosed: (connection, code) => this.onClosed(connection, code),
      onRoundTrip: (milliseconds, now) => this.roundTrips.note(milliseconds, now),
      report,
    };
    this.roomHandlers = new RoomHandlers(this.hub, registry);
    this.roomHandlers.addTo(this.handlers);
    new SessionHandlers(authenticator, this.context.now).addTo(this.handlers);
  }

  onApplicationBootstrap(): void {
    // A context without HTTP (a command, a projector) has nobody to connect.
    const server = this.http.httpAdapter?.getHttpServer() as Server | undefined;
    if (server !== undefined) this.start(server);
  }

  /** After the hooks that end what handlers do, before those that close the store that they use. */
  async beforeApplicationShutdown(): Promise<void> {
    await everyStep([
      () => this.drain(),
      () => clearInterval(this.timer),
      () => this.feed.stop(),
      () => this.hub.stop(),
    ]);
  }

  get aroundHandler(): RealtimeOptions['aroundHandler'] {
    return this.options.aroundHandler;
  }

  /** The port of the socket, where it is not the application's. */
  get port(): number | undefined {
    return this.engine.port;
  }

  start(http: Server): void {
    if (this.timer !== undefined) return;
    const { compressed } = this.engine;
    if (compressed !== undefined && compressed !== 'all') this.registry.requirePrefixes(compressed);
    // First: it is what may fail.
    this.engine.start(this, http);
    this.feed.start();
    this.timer = setInterval(() => this.tick(), this.tuning.tickMs / slicesATick);
  }

  admit(request: UpgradeRequest, accept: (caller: Caller) => void, refuse: (error: DomainError) => void): void {
    this.admission.admit(request, accept, refuse);
  }

  open(socket: EngineSocket, caller: Caller): SocketListener {
    this.opened += 1;
    const connection = new Connection(randomUUID(), (this.opened % 8) * 1000, socket, caller, this.context);
    this.connections.add(connection);
    const rooms = this.migration.takeRooms(caller);
    connection.greet(rooms?.map(({ room }) => room));
    if (rooms !== undefined) {
      connection.movedHereAt = performance.now();
      void this.roomHandlers.restore(connection, rooms);
    }
    return connection;
  }

  stats(): RealtimeStats {
    return {
      serverId: this.options.serverId,
      region: this.options.region ?? 'local',
      connections: this.connections.size,
      admitting: this.admission.pendingCount,
      rooms: this.hub.roomCount,
      subscriptions: this.hub.subscriberCount,
      queuedBytes: this.connections.queuedBytes,
      deliveries: this.hub.deliveries,
      memoryLevel: this.memory.level,
      holeReads: this.hub.holeReads,
      refused: this.admission.refused,
      closed: this.closedBy,
    };
  }

  load(): RealtimeLoad {
    const { serverId, maxConnections } = this.options;
    const connections = this.connections.size + this.admission.pendingCount;
    return {
      serverId,
      connections,
      maxConnections,
      load: maxConnections === 0 ? 1 : connections / maxConnections,
      rooms: this.hub.roomCount,
      draining: this.cordoned || this.draining !== undefined,
    };
  }

  /** Milliseconds that a ping takes to a client and back, the median of the last minute; undefined where nobody was pinged. */
  roundTripMs(): number | undefined {
    return this.roundTrips.median(performance.now());
  }

  /**
   * Asks as many connections as `count`, those that cost least, to move to another server.
   *
   * @returns how many were asked. Rejects when what they are to find there cannot be kept; nobody was asked then.
   */
  migrate({ count, target, reason, restMs, onGone }: SocketMove): Promise<number> {
    const restedSince = restMs === undefined ? Infinity : performance.now() - restMs;
    return this.migration.move(this.connections.lightest(count, restedSince), target, reason, { onGone });
  }

  /** While it is on, newcomers are refused as by a server that drains; those who are here stay, and may be moved. */
  cordon(on: boolean): void {
    this.cordoned = on;
    this.admission.draining = on || this.draining !== undefined;
  }

  /** Rows of a state room that no event tells of have changed: read again within a second, where somebody is in it. */
  refreshRoom(name: string): void {
    this.hub.refreshState(name);
  }

  /**
   * Refuses new connections, and moves or closes those there are at a paced rate. Settles when all are gone, after the graces
   * at the latest. There is no way back.
   */
  drain(): Promise<void> {
    this.draining ??= this.closeAll();
    return this.draining;
  }

  private async closeAll(): Promise<void> {
    this.admission.draining = true;
    try {
      const report = (what: string, error: unknown) => this.report(what, error);
      await new Drain(this.connections, this.migration, this.tuning, report).run(this.chooseTarget);
    } finally {
      // Listened to until here: what came during the drain was told that the server is draining.
      this.engine.stop();
      for (const connection of this.connections) connection.terminate();
    }
  }

  /** Connections in slices, the rest once a round of them. */
  private tick(): void {
    const now = performance.now();
    this.connections.tick(now, this.clock.now(), slicesATick);
    this.ticks += 1;
    if (this.ticks % slicesATick !== 0) return;
    this.memory.tick(now);
    this.hub.tick(now);
    this.admission.sweep(now);
    this.credentials.tick(now, this.connections);
  }

  /** One in a hundred: whoever comes back finds another server, or this one with more room. */
  private askHeaviestToLeave(): void {
    for (const connection of this.connections.heaviest(Math.ceil(this.connections.size / 100))) {
      const reconnectInMs = Math.round(Math.random() * reconnectSpreadMs);
      connection.leave({ code: closeCodes.goingAway, reason: 'the server is short of memory', reconnectInMs });
    }
  }

  private onClosed(connection: Connection, code: number): void {
    this.connections.delete(connection);
    this.closedBy.set(code, (this.closedBy.get(code) ?? 0) + 1);
  }

  private report(what: string, error: unknown): void {
    this.logger.error(`${what} failed: ${String(error)}`, error instanceof Error ? error.stack : undefined);
  }
}
