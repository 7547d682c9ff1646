import {
  Body,
  Controller,
  Get,
  Global,
  type INestApplication,
  Injectable,
  Module,
  type OnModuleInit,
  Post,
  type Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Role, StateItem } from '@testcast/contracts';
import { EventStore, MemoryEventStore } from '#platform/event-store';
import { Authenticator, type Caller, type Credentials, DomainError } from '#platform/kernel';
import { uwsPackage } from '#platform/testing';
import {
  chooseEngine,
  defineRoom,
  RealtimeAdapter,
  RealtimeModule,
  type RealtimeOptions,
  RealtimeServer,
  RoomRegistry,
} from '#platform/realtime';

/** Knows tokens by heart; a ticket is a token with `ticket-` before it. */
@Injectable()
export class TokenList extends Authenticator {
  readonly callers = new Map<string, Caller>([
    ['alice', { subject: 'alice', grants: { '*': 'admin' } }],
    ['reader', { subject: 'reader', grants: { shop: 'read' } }],
  ]);
  /** Set to let nobody's check come to an end. */
  hang = false;

  grant(token: string, subject: string, grants: Record<string, Role>, expiresAt?: number): void {
    this.callers.set(token, { subject, grants, expiresAt });
  }

  async authenticate({ bearer, ticket }: Credentials): Promise<Caller> {
    if (this.hang) await new Promise(() => undefined);
    if (bearer === 'broken') throw new Error('secret: the directory\r\nSet-Cookie: is=broken');
    const caller = this.callers.get(bearer ?? ticket?.replace(/^ticket-/, '') ?? '');
    if (caller === undefined) throw new DomainError('auth.invalid');
    return caller;
  }
}

/** Rows of a read model, as far as a room can see them. */
@Injectable()
export class BoardRows {
  readonly rows = new Map<string, StateItem>();
  readonly checkpoints = new Map<number, number>();
  reads = 0;
}

@Controller()
class Plain {
  @Get('plain')
  plain(): string {
    return 'plain';
  }

  @Post('plain')
  post(@Body() body: { text: string }): string {
    return `${body.text.length} characters`;
  }
}

@Injectable()
class Rooms implements OnModuleInit {
  constructor(
    private readonly registry: RoomRegistry,
    private readonly board: BoardRows,
  ) {}

  onModuleInit(): void {
    const { board } = this;
    this.registry.add(
      defineRoom({
        kind: 'stream',
        pattern: 'run:{projectId}/{runId}',
        projectOf: ({ projectId }) => projectId!,
        snapshotVersion: async ({ runId }) => (runId === 'summarised' ? 30 : undefined),
      }),
    );
    this.registry.add(
      defineRoom({
        kind: 'state',
        pattern: 'board:{projectId}',
        projectOf: ({ projectId }) => projectId!,
        window: async () => [...board.rows.values()],
        read: async (_params, keys) => {
          board.reads += 1;
          const items = keys.map((key) => board.rows.get(key)).filter((row) => row !== undefined);
          return { items, checkpoints: new Map(board.checkpoints) };
        },
        markOf: ({ stream }) => {
          const [, project, run] = /^run:(.*)\/(.*)$/.exec(stream) ?? [];
          return project === undefined ? undefined : { room: `board:${project}`, key: run! };
        },
      }),
    );
  }
}

@Global()
@Module({
  providers: [
    TokenList,
    BoardRows,
    { provide: Authenticator, useExisting: TokenList },
    { provide: MemoryEventStore, useFactory: () => new MemoryEventStore() },
    { provide: EventStore, useExisting: MemoryEventStore },
  ],
  exports: [TokenList, BoardRows, Authenticator, MemoryEventStore, EventStore],
})
class World {}

let engine: 'ws' | 'uws' = 'ws';

/** For the applications that are started from now on. */
export function useEngine(name: 'ws' | 'uws'): void {
  engine = name;
}

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly http: string;
  readonly server: RealtimeServer;
  readonly store: MemoryEventStore;
  readonly tokens: TokenList;
  readonly board: BoardRows;
  close(): Promise<void>;
}

/** An application with the realtime library, on a port of the system's choice. Several may follow one log. */
export async function startRealtime(
  options: Partial<RealtimeOptions> = {},
  gateways: Type[] = [],
  log = new MemoryEventStore(),
): Promise<RunningApp> {
  const testing = await Test.createTestingModule({
    imports: [
      World,
      RealtimeModule.forRoot({ serverId: 'server-1', maxConnections: 100, engine: startEngine, ...options }),
    ],
    controllers: [Plain],
    providers: [Rooms, ...gateways],
  })
    .overrideProvider(MemoryEventStore)
    .useValue(log)
    .compile();
  const app = testing.createNestApplication({ logger: false });
  app.useWebSocketAdapter(new RealtimeAdapter(app));
  await app.listen(0, '127.0.0.1');
  const http = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const url = new URL('/stream', http.replace('http', 'ws'));
  const { port } = app.get(RealtimeServer);
  if (port !== undefined) url.port = String(port);
  return {
    app,
    http,
    url: url.href,
    server: app.get(RealtimeServer),
    store: app.get(MemoryEventStore),
    tokens: app.get(TokenList),
    board: app.get(BoardRows),
    close: () => app.close(),
  };
}

function startEngine() {
  return chooseEngine({ engine, host: '127.0.0.1', port: 0, uwsPackage });
}

let eventIds = 0;

/** Appends `count` results to a run's stream. */
export async function appendResults(store: EventStore, stream: string, count: number, bytes = 10): Promise<void> {
  const events = Array.from({ length: count }, () => {
    eventIds += 1;
    return {
      eventId: `00000000-0000-8000-8000-${eventIds.toString(16).padStart(12, '0')}`,
      type: 'test.finished',
      at: 1,
      data: { text: 'x'.repeat(bytes) },
    };
  });
  for (let from = 0; from < count; from += 500) await store.append({ stream, events: events.slice(from, from + 500) });
}
