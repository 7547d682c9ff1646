/** How a socket ended. `refused` is the HTTP status of an upgrade that was refused; browsers do not tell it. */
export interface SocketClose {
  code: number;
  reason: string;
  refused?: number | undefined;
  retryAfterMs?: number | undefined;
}

export interface SocketEvents {
  message(text: string): void;
  /** A sign of life that is no message, such as a ping; browsers do not tell it. */
  alive(): void;
  /** Once, also when it never opened. */
  closed(close: SocketClose): void;
}

/** What a Link needs of a WebSocket; opened by the global WebSocket in browsers and by `ws` in Node. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketTarget {
  url: string;
  /** Sent as an Authorization header, where the platform can. */
  token?: string | undefined;
  /** Who is reached there, where that is known. */
  serverId?: string | undefined;
}

export type OpenSocket = (target: SocketTarget, events: SocketEvents) => Socket;
