import { createRequire } from 'node:module';

/** What we use of uWebSockets.js 20. Its own types would have to be installed to compile. */
export interface UwsBinding {
  App(): UwsApp;
  us_listen_socket_close(socket: UwsListenSocket): void;
  us_socket_local_port(socket: UwsListenSocket): number;
  readonly DISABLED: number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

export type UwsListenSocket = object;

export interface UwsApp {
  ws<T>(pattern: string, behavior: UwsBehavior<T>): UwsApp;
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, options: number, listening: (socket: UwsListenSocket | false) => void): UwsApp;
}

export interface UwsBehavior<T> {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly idleTimeout: number;
  readonly sendPingsAutomatically: boolean;
  readonly compression: number;
  readonly upgrade: (response: UwsResponse, request: UwsRequest, context: object) => void;
  readonly open: (ws: UwsWebSocket<T>) => void;
  readonly message: (ws: UwsWebSocket<T>, message: ArrayBuffer, isBinary: boolean) => void;
  readonly drain: (ws: UwsWebSocket<T>) => void;
  readonly ping: (ws: UwsWebSocket<T>) => void;
  readonly pong: (ws: UwsWebSocket<T>) => void;
  readonly close: (ws: UwsWebSocket<T>, code: number, message: ArrayBuffer) => void;
}

/** Valid until the close handler has run; each call after that throws. */
export interface UwsWebSocket<T> {
  /** @returns 1 sent, 0 buffered, 2 dropped */
  send(message: Uint8Array, isBinary: boolean): number;
  getBufferedAmount(): number;
  /** Runs the close handler at once. */
  end(code: number, reason: string): void;
  /** Runs the close handler at once. */
  close(): void;
  ping(): number;
  cork(write: () => void): void;
  getUserData(): T;
}

/** Valid until it is answered, upgraded or aborted. */
export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body: string, closeConnection: boolean): UwsResponse;
  onAborted(aborted: () => void): UwsResponse;
  cork(write: () => void): UwsResponse;
  getRemoteAddressAsText(): ArrayBuffer;
  /** Whom a header of the PROXY protocol (version 2) names, empty without one; only where it was compiled in. */
  getProxiedRemoteAddressAsText?(): ArrayBuffer;
  upgrade(data: object, key: string, protocol: string, extensions: string, context: object): void;
}

/** Valid only within the handler that was given it. */
export interface UwsRequest {
  getUrl(): string;
  getQuery(): string | undefined;
  getHeader(name: string): string;
  forEach(visit: (name: string, value: string) => void): void;
}

/** Under the name that its documentation uses; it is not on npm under this name. */
export const defaultUwsPackage = 'uWebSockets.js';

/**
 * uWebSockets.js, or why it cannot be used. Only its native binding counts: some distributions fall back to an emulation in
 * JavaScript that costs more than `ws` does.
 *
 * @param name of the package as this product finds it, or an absolute path
 */
export function loadUws(name: string): UwsBinding | Error {
  let loaded: unknown;
  try {
    loaded = createRequire(import.meta.url)(name);
  } catch (error) {
    return error as Error;
  }
  return isNative(loaded) ? loaded : new Error(`it has no native binding for ${runtime()}`);
}

function isNative(loaded: unknown): loaded is UwsBinding {
  const app = (loaded as Partial<UwsBinding> | null)?.App;
  return typeof app === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(app));
}

function runtime(): string {
  return `Node.js ${process.versions.node} (ABI ${process.versions.modules}) on ${process.platform}-${process.arch}`;
}
