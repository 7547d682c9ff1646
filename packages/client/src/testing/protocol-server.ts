import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  foldTest,
  isTestEvent,
  type ClientFrame,
  type RoomEvent,
  type ServerFrame,
  type ServerPush,
  type StateItem,
  type TestRow,
  type TestsPage,
} from '@testcast/contracts';
import { WebSocketServer, type WebSocket } from 'ws';

export interface ServedSocket {
  readonly socket: WebSocket;
  /** Query of the upgrade: which ticket or migration token it came with. */
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** Stream room → offset up to which this socket has been sent. */
  readonly streams: Map<string, number>;
  readonly states: Set<string>;
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
type Handler = (request: { query: URLSearchParams; body: string }) => Answer | Promise<Answer>;

/** A small server that speaks the protocol over real sockets, with rooms in memory, for the tests of this package. */
export class ProtocolServer {
  epoch = 'store.1';
  url = '';
  streamUrl = '';
  readonly sockets = new Set<ServedSocket>();
  /** Every frame that a client sent, in order. */
  readonly received: ClientFrame[] = [];
  /** Answers of `METHOD /path`, before the built-in ones. */
  readonly routes = new Map<string, Handler>();
  /** Answers the next messages of a type in place of the built-in reply; undefined = no reply at all. */
  onMessage: ((frame: ClientFrame, from: ServedSocket) => ServerFrame | 'default' | undefined) | undefined;
  /** What becomes of a push on its way: none, one or several frames. */
  onPush: ((frame: ServerPush, to: ServedSocket) => ServerPush[]) | undefined;
  /** While set, upgrades are refused. */
  refusal: { status: number; retryAfter?: number } | undefined;
  private readonly log = new Map<string, RoomEvent[]>();
  private readonly rows = new Map<string, Map<string, StateItem>>();
  private readonly http: Server;
  private readonly upgrades = new WebSocketServer({ noServer: true });

  private constructor() {
    this.http = createServer((request, response) => void this.answer(request, response));
    this.http.on('upgrade', (request, socket, head) => {
      if (this.refusal !== undefined) {
        const { status, retryAfter } = this.refusal;
        const header = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`;
        socket.end(`HTTP/1.1 ${status} Refused\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      } else {
        this.upgrades.handleUpgrade(request, socket, head, (ws) => this.serve(ws, request));
      }
    });
  }

  static async start(): Promise<ProtocolServer> {
    const server = new ProtocolServer();
    await new Promise<void>((resolve) => server.http.listen(0, '127.0.0.1', resolve));
    const { port } = server.http.address() as AddressInfo;
    server.url = `http://127.0.0.1:${port}`;
    server.streamUrl = `ws://127.0.0.1:${port}/stream`;
    return server;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.sockets) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  /** Appends to a stream room and delivers to whoever is in it. */
  append(room: string, ...events: { type: string; data: unknown; at?: number }[]): void {
    const log = this.logOf(room);
    for (const { type, data, at = 0 } of events) {
      const offset = log.length + 1;
      log.push({ offset, eventId: `${room}#${offset}`, type, at, data });
    }
    for (const to of this.sockets) this.deliver(room, to);
  }

  events(room: string): readonly RoomEvent[] {
    return this.logOf(room);
  }

  /** Sets rows of a state room and tells them; `value: null` removes. */
  set(room: string, ...items: StateItem[]): void {
    const rows = this.rowsOf(room);
    for (const item of items) {
      if (item.value === null) rows.delete(item.key);
      else rows.set(item.key, item);
    }
    for (const to of this.sockets) if (to.states.has(room)) this.push(to, { type: 'state', room, items });
  }

  /** Takes a row away without telling, as while a client is offline. */
  forget(room: string, key: string): void {
    this.rowsOf(room).delete(key);
  }

  push(to: ServedSocket, frame: ServerPush): void {
    for (const out of this.onPush?.(frame, to) ?? [frame]) to.socket.send(JSON.stringify(out));
  }

  pushAll(frame: ServerPush): void {
    for (const to of this.sockets) this.push(to, frame);
  }

  /** Cuts every connection as a network does. */
  cut(): void {
    for (const { socket } of this.sockets) socket.terminate();
    this.sockets.clear();
  }

  /** Rows of a run by the fold of its first `version` events. */
  fold(room: string, version = Infinity): TestRow[] {
    const rows = new Map<string, TestRow>();
    let end: number | undefined;
    for (const event of this.logOf(room)) {
      if (event.offset > version) break;
      if (event.type === 'run.finished') end = event.offset;
      if (event.type === 'run.reopened') end = undefined;
      if (!isTestEvent(event)) continue;
      const { testKey } = event.data;
      rows.set(testKey, foldTest(rows.get(testKey), event, end !== undefined && event.offset > end));
    }
    return [...rows.values()].sort((a, b) => (a.testKey < b.testKey ? -1 : 1));
  }

  /** A page of `GET R/tests` as of a version of the stream. */
  page(room: string, { after = '', limit = 1000, asOf = this.logOf(room).length } = {}): TestsPage {
    const rows = this.fold(room, asOf).filter(({ testKey }) => testKey > after);
    const items = rows.slice(0, limit);
    const ended = this.logOf(room).findLast(
      ({ type, offset }) => offset <= asOf && /^run\.(finished|reopened)$/.test(type),
    );
    const endOffset = ended?.type === 'run.finished' ? ended.offset : undefined;
    return { epoch: this.epoch, asOf, endOffset, items, next: rows.length > limit ? items.at(-1)!.testKey : null };
  }

  private logOf(room: string): RoomEvent[] {
    const log = this.log.get(room) ?? [];
    this.log.set(room, log);
    return log;
  }

  private rowsOf(room: string): Map<string, StateItem> {
    const rows = this.rows.get(room) ?? new Map<string, StateItem>();
    this.rows.set(room, rows);
    return rows;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
    const handler = this.routes.get(`${request.method} ${url.pathname}`) ?? this.builtIn(request.method, url);
    const { status, body: reply, headers = {} } = await handler({ query: url.searchParams, body });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(reply === undefined ? '' : JSON.stringify(reply));
  }

  private builtIn(method: string | undefined, { pathname }: URL): Handler {
    const tests = /^\/v1\/projects\/([^/]+)\/runs\/([^/]+)\/tests$/.exec(pathname);
    if (method === 'POST' && pathname === '/v1/connect') {
      return () => ({ status: 200, body: { serverId: 's1', url: this.streamUrl, ticket: `t${this.received.length}` } });
    }
    if (method === 'GET' && tests !== null) {
      const room = `run:${tests[1]}/${tests[2]}`;
      return ({ query }) => {
        if (this.logOf(room).length === 0) return refused(404, 'run.unknown');
        return { status: 200, body: this.page(room, { after: query.get('after') ?? '' }) };
      };
    }
    return () => refused(404, 'request.not-found');
  }

  private serve(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? '/', this.url).searchParams;
    const { authorization } = request.headers;
    const served: ServedSocket = { socket, query, authorization, streams: new Map(), states: new Set() };
    this.sockets.add(served);
    socket.on('close', () => this.sockets.delete(served));
    socket.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as ClientFrame;
      this.received.push(frame);
      const reply = this.onMessage?.(frame, served) ?? (this.onMessage === undefined ? 'default' : undefined);
      if (reply === 'default') this.reply(served, frame);
      else if (reply !== undefined) socket.send(JSON.stringify(reply));
    });
    this.push(served, { type: 'connected', serverId: 's1', connectionId: 'c', timestamp: Date.now(), limits: {} });
  }

  private reply(to: ServedSocket, { id, type, data }: ClientFrame): void {
    const { room, offset } = (data ?? {}) as { room: string; offset?: number };
    const ok = (reply: unknown): void => to.socket.send(JSON.stringify({ id, type: 'ok', data: reply }));
    if (type === 'room.unsubscribe') {
      to.streams.delete(room);
      to.states.delete(room);
      ok({});
    } else if (type === 'room.subscribe' && /^(run|output):/.test(room)) {
      const head = this.logOf(room).length;
      to.streams.set(room, offset ?? head);
      ok({ room, kind: 'stream', epoch: this.epoch, offset: offset ?? head, head });
      this.deliver(room, to);
    } else if (type === 'room.subscribe') {
      to.states.add(room);
      ok({ room, kind: 'state' });
      this.push(to, { type: 'state', room, reset: true, items: [...this.rowsOf(room).values()] });
    } else ok({ timestamp: Date.now() });
  }

  private deliver(room: string, to: ServedSocket): void {
    const from = to.streams.get(room);
    if (from === undefined) return;
    const events = this.logOf(room).slice(from);
    if (events.length === 0) return;
    to.streams.set(room, from + events.length);
    this.push(to, { type: 'events', room, events });
  }
}

export function refused(status: number, code: string, temporary = false): Answer {
  return { status, body: { error: { code, message: code, temporary } } };
}
