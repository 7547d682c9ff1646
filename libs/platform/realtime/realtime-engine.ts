import type { IncomingHttpHeaders, Server } from 'node:http';
import type { Caller, DomainError } from '#platform/kernel';
import type { CompressedRooms } from './compressed-rooms.ts';
import type { TextFrame } from './text-frame.ts';

/** What a client shows before the upgrade. Engines copy it, since theirs may not outlive the callback. */
export interface UpgradeRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The peer's address; a proxy's where there is one. */
  readonly remoteAddress: string;
  /** The port of the application's pages, where the engine has another one: the request's Host then names the wrong port. */
  readonly pagePort?: number | undefined;
}

/** One socket, as the engine offers it. */
export abstract class EngineSocket {
  /** Bytes handed over that the kernel has not taken yet. */
  abstract get bufferedBytes(): number;
  abstract send(frame: TextFrame): void;
  /** Several frames in one system call. */
  abstract sendAll(frames: readonly TextFrame[]): void;
  abstract ping(): void;
  /** Starts the closing handshake; the engine ends the socket when the peer does not answer. */
  abstract close(code: number, reason: string): void;
  /** Ends the socket without a handshake. */
  abstract terminate(): void;
}

/** What an engine tells about a socket. */
export interface SocketListener {
  onText(text: string, bytes: number): void;
  onBinary(): void;
  /** A ping came. */
  onAlive(): void;
  onPong(): void;
  /** The kernel has taken everything that was buffered. */
  onDrain(): void;
  /** Once, whoever closed. */
  onClose(code: number): void;
}

/** What an engine asks of the server. */
export interface EngineHost {
  /**
   * Decides about an upgrade and calls back once with the caller or the refusal, possibly much later: the engine must
   * look whether the peer is still there. Nothing is set up for a connection before `accept`.
   */
  admit(request: UpgradeRequest, accept: (caller: Caller) => void, refuse: (error: DomainError) => void): void;
  /** Called in `accept`, after the upgrade. */
  open(socket: EngineSocket, caller: Caller): SocketListener;
}

/** A WebSocket implementation. */
export abstract class RealtimeEngine {
  /** What it compresses; undefined where it compresses nothing. */
  readonly compressed: CompressedRooms | undefined;

  /** Of its own, once it has started; undefined where it shares the application's. */
  get port(): number | undefined {
    return undefined;
  }

  /** `http` is the server of the application; an engine with a port of its own leaves it alone. */
  abstract start(host: EngineHost, http: Server): void;
  /** Takes no more upgrades. Sockets that are open stay, their connections are closed by the server. */
  abstract stop(): void;
}
