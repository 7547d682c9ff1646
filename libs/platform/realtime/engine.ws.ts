import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limits } from '@testcast/contracts';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '#platform/kernel';
import type { CompressedRooms } from './compressed-rooms.ts';
import { WsEngineSocket } from './engine-socket.ws.ts';
import { asksForWebSocket, handBack } from './plain-request.ts';
import { type EngineHost, RealtimeEngine, type UpgradeRequest } from './realtime-engine.ts';
import { refusalResponse } from './refusal.ts';

const subprotocol = 'testcast.v1';
const keepAliveMs = 30_000;
/** How long a peer may take to answer a close or to read a refusal. */
const farewellMs = 5000;

export interface WsEngineOptions {
  /** Default: none. */
  readonly compressed?: CompressedRooms | undefined;
}

/** The `ws` package on the application's own HTTP server. */
export class WsEngine extends RealtimeEngine {
  override readonly compressed: CompressedRooms | undefined;
  private readonly server: WebSocketServer;
  private http: Server | undefined;
  private host: EngineHost | undefined;

  constructor({ compressed }: WsEngineOptions = {}) {
    super();
    this.compressed = compressed;
    this.server = new WebSocketServer({
      noServer: true,
      // The server keeps its own list; a second one would cost a closure for each connection.
      clientTracking: false,
      // A deflate context costs far more memory than the rest of a connection (engine.io#559): at most one for what a client
      // sends, none for what it is sent.
      perMessageDeflate: compressed !== undefined && { serverNoContextTakeover: true, clientNoContextTakeover: true },
      // Of what comes out of a compressed message as well.
      maxPayload: limits.clientFrameBytes,
      closeTimeout: farewellMs,
      handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
    } as ConstructorParameters<typeof WebSocketServer>[0]);
  }

  start(host: EngineHost, http: Server): void {
    if (this.http !== undefined) return;
    this.http = http;
    this.host = host;
    http.on('upgrade', this.onUpgrade);
    this.server.on('wsClientError', (error: Error, socket: Duplex) => {
      refuse(socket, new DomainError('request.invalid', 'This is not a WebSocket handshake.', { cause: error }));
    });
  }

  stop(): void {
    this.http?.off('upgrade', this.onUpgrade);
    this.http = undefined;
  }

  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!asksForWebSocket(request)) {
      handBack(this.http!, request, socket, head);
      return;
    }
    // Without a listener a reset during admission would end the process.
    socket.on('error', ignore);
    this.host!.admit(
      upgradeRequestOf(request),
      (caller) => {
        if (socket.destroyed) return;
        socket.off('error', ignore);
        // The answer to the handshake and the greeting in one system call: a crowd that connects costs mostly those.
        socket.cork();
        this.server.handleUpgrade(request, socket, head, (ws) => {
          const engineSocket = new WsEngineSocket(
            ws,
            socket as Socket,
            takesDeflated(ws, request) ? this.compressed : undefined,
          );
          listen(ws, engineSocket);
          engineSocket.listener = this.host!.open(engineSocket, caller);
        });
        socket.uncork();
      },
      (error) => refuse(socket, error),
    );
  };
}

/** Frames are compressed once for all, with the largest window: a client that asked for a smaller one could not read them. */
function takesDeflated({ extensions }: WebSocket, { headers }: IncomingMessage): boolean {
  return extensions !== '' && headers['sec-websocket-extensions']?.includes('server_max_window_bits') !== true;
}

function upgradeRequestOf(request: IncomingMessage): UpgradeRequest {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return {
    path,
    query: new URLSearchParams(query),
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
  };
}

function refuse(socket: Duplex, error: DomainError): void {
  if (socket.destroyed) return;
  socket.on('error', ignore);
  // Sockets of an HTTP server stay half open: without this the peer decides how long.
  socket.once('finish', () => socket.destroy());
  (socket as Socket).setTimeout(farewellMs, () => socket.destroy());
  socket.end(refusalResponse(error));
}

interface LinkedWebSocket extends WebSocket {
  [link]: WsEngineSocket;
}
interface LinkedTcp extends Socket {
  [link]: WsEngineSocket;
}
const link = Symbol('testcast:socket');

/** The listeners are shared by all sockets and find theirs by a property: no closure for each connection. */
function listen(ws: WebSocket, socket: WsEngineSocket): void {
  (ws as LinkedWebSocket)[link] = socket;
  (socket.tcp as LinkedTcp)[link] = socket;
  socket.tcp.setKeepAlive(true, keepAliveMs);
  socket.tcp.on('drain', onDrain);
  ws.on('message', onMessage).on('ping', onAlive).on('pong', onPong).on('close', onClose).on('error', onError);
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const { listener } = (this as LinkedWebSocket)[link];
  if (isBinary) listener?.onBinary();
  else listener?.onText((data as Buffer).toString(), (data as Buffer).length);
}

function onAlive(this: WebSocket): void {
  (this as LinkedWebSocket)[link].listener?.onAlive();
}

function onPong(this: WebSocket): void {
  (this as LinkedWebSocket)[link].listener?.onPong();
}

function onClose(this: WebSocket, code: number): void {
  const { listener, failedWith } = (this as LinkedWebSocket)[link];
  listener?.onClose(failedWith ?? code);
}

const closeCodeOf: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
};

/** After a protocol error ws closes by itself; errors of the connection itself have codes of the system. */
function onError(this: WebSocket, error: Error & { code?: string }): void {
  if (error.code?.startsWith('WS_ERR_') !== true) return;
  (this as LinkedWebSocket)[link].failedWith = closeCodeOf[error.code] ?? 1002;
}

function onDrain(this: Socket): void {
  (this as LinkedTcp)[link].listener?.onDrain();
}

function ignore(): void {}
