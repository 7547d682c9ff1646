import type { IncomingHttpHeaders, Server } from 'node:http';
import { limits } from '@testcast/contracts';
import { type Caller, DomainError } from '#platform/kernel';
import { UwsEngineSocket } from './engine-socket.uws.ts';
import { type EngineHost, RealtimeEngine, type UpgradeRequest } from './realtime-engine.ts';
import { refusalOf } from './refusal.ts';
import { clientOf, type ProxiedPeers } from './proxied-peers.uws.ts';
import type { UwsBinding, UwsListenSocket, UwsRequest, UwsResponse, UwsWebSocket } from './uws-binding.ts';
import { copyHeaders, handshakeProblem, offers } from './uws-request.ts';

const subprotocol = 'testcast.v1';
/** Twice what a client may send: uWebSockets.js cuts off who sends more than this without a word, we say 1009. */
const maxPayloadLength = 2 * limits.clientFrameBytes;
/**
 * Beyond this uWebSockets.js drops frames and says so only in a return value. The outbox stops long before: at 64 KiB, and
 * one frame, or one burst of replies, more.
 */
const maxBackpressure = 64 * 1024 * 1024;
/** Pongs are written by uWebSockets.js itself, also to a peer that reads none: it is ended here. */
const maxPongBytes = 128 * 1024;
/** Seconds after which a peer that does not answer a close is ended. Idle ones are found by pings long before. */
const idleTimeout = 60;

interface SocketData {
  readonly socket: UwsEngineSocket;
  readonly caller: Caller;
}

type Socket = UwsWebSocket<SocketData>;

export interface UwsEngineOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly proxied?: ProxiedPeers | undefined;
}

/** uWebSockets.js, on a port of its own. */
export class UwsEngine extends RealtimeEngine {
  private listening: UwsListenSocket | undefined;
  private boundTo: number | undefined;
  private host: EngineHost | undefined;
  private http: Server | undefined;

  constructor(
    private readonly uws: UwsBinding,
    private readonly options: UwsEngineOptions,
  ) {
    super();
  }

  override get port(): number | undefined {
    return this.boundTo;
  }

  /** @throws Error with `code: 'EADDRINUSE'` when it cannot listen */
  start(host: EngineHost, http: Server): void {
    if (this.host !== undefined) return;
    this.host = host;
    this.http = http;
    const app = this.uws
      .App()
      .ws<SocketData>('/*', {
        maxPayloadLength,
        maxBackpressure,
        idleTimeout,
        sendPingsAutomatically: false,
        compression: this.uws.DISABLED,
        upgrade: (response, request, context) => this.onUpgrade(response, request, context),
        open: (ws) => this.onOpen(ws),
        message: onMessage,
        drain: onDrain,
        ping: onPing,
        pong: onPong,
        close: onClose,
      })
      .any('/*', refusePlain);
    // Without "exclusive" two gateways could share the port, each getting some of the clients of the other.
    const { host: address, port } = this.options;
    app.listen(address, port, this.uws.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
      if (socket !== false) this.listening = socket;
    });
    if (this.listening === undefined) throw cannotListen(this.options);
    this.boundTo = this.uws.us_socket_local_port(this.listening);
  }

  stop(): void {
    if (this.listening !== undefined) this.uws.us_listen_socket_close(this.listening);
    this.listening = undefined;
  }

  private onUpgrade(response: UwsResponse, request: UwsRequest, context: object): void {
    let answered = false;
    response.onAborted(() => (answered = true));
    // The request is gone when this function returns.
    const headers = copyHeaders(request);
    const remoteAddress = clientOf(response, this.options.proxied);
    if (remoteAddress === undefined) {
      respond(
        response,
        new DomainError('request.invalid', 'What the PROXY protocol asks of this address is not here.'),
      );
      return;
    }
    const upgrade = this.upgradeRequestOf(remoteAddress, request, headers);
    const refuse = (error: DomainError): void => {
      if (answered) return;
      answered = true;
      respond(response, error);
    };
    const accept = (caller: Caller): void => {
      if (answered) return;
      const problem = handshakeProblem(headers);
      if (problem !== undefined) {
        refuse(problem);
        return;
      }
      answered = true;
      const protocol = offers(headers, subprotocol) ? subprotocol : '';
      const data: SocketData = { socket: new UwsEngineSocket(), caller };
      // Everything that opening writes leaves in one system call, together with the answer to the handshake.
      response.cork(() => response.upgrade(data, headers['sec-websocket-key']!, protocol, '', context));
    };
    this.host!.admit(upgrade, accept, refuse);
  }

  private onOpen(ws: Socket): void {
    const { socket, caller } = ws.getUserData();
    socket.opened(ws);
    socket.listener = this.host!.open(socket, caller);
  }

  private upgradeRequestOf(remoteAddress: string, request: UwsRequest, headers: IncomingHttpHeaders): UpgradeRequest {
    const address = this.http?.address();
    return {
      path: request.getUrl(),
      query: new URLSearchParams(request.getQuery() ?? ''),
      headers,
      remoteAddress,
      pagePort: address != null && typeof address !== 'string' ? address.port : undefined,
    };
  }
}

function onMessage(ws: Socket, message: ArrayBuffer, isBinary: boolean): void {
  const { socket } = ws.getUserData();
  if (message.byteLength > limits.clientFrameBytes) socket.close(1009, '');
  else if (isBinary) socket.listener?.onBinary();
  else socket.listener?.onText(Buffer.from(message).toString(), message.byteLength);
}

function onDrain(ws: Socket): void {
  // Also called when only a part of it was taken.
  if (ws.getBufferedAmount() === 0) ws.getUserData().socket.listener?.onDrain();
}

function onPing(ws: Socket): void {
  const { socket } = ws.getUserData();
  socket.listener?.onAlive();
  if (ws.getBufferedAmount() > maxPongBytes) socket.terminate();
}

function onPong(ws: Socket): void {
  ws.getUserData().socket.listener?.onPong();
}

const closeCodeOf: Readonly<Record<string, number>> = {
  'Received too big message': 1009,
  'Received invalid UTF-8': 1007,
};

/** A frame that cannot be read ends the socket as if the network had; only the words tell. */
function onClose(ws: Socket, code: number, message: ArrayBuffer): void {
  const found = code === 1006 ? closeCodeOf[Buffer.from(message).toString()] : undefined;
  ws.getUserData().socket.gone(found ?? code);
}

/** Whoever asks for something else than a WebSocket. */
function refusePlain(response: UwsResponse, request: UwsRequest): void {
  const asks = request.getHeader('upgrade').toLowerCase() === 'websocket';
  respond(response, asks ? handshakeProblem({})! : new DomainError('request.not-found'));
}

function respond(response: UwsResponse, error: DomainError): void {
  const { statusLine, headers, body } = refusalOf(error);
  response.cork(() => {
    response.writeStatus(statusLine);
    for (const [name, value] of headers) response.writeHeader(name, value);
    response.end(body, true);
  });
}

function cannotListen({ host, port }: UwsEngineOptions): Error {
  const error = new Error(`Port ${port} on ${host} is in use. Set STREAM_PORT to a free one, or STREAM_ENGINE to ws.`);
  return Object.assign(error, { code: 'EADDRINUSE' });
}
