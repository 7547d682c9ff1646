import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';

/** Milliseconds. */
export interface ServerTimes {
  /** For a request's head: who sends it byte by byte holds a socket for no longer. */
  readonly head: number;
  /** For a whole request. */
  readonly request: number;
  /** For nothing being sent or received in the middle of a request. */
  readonly stall: number;
  /** For the next request on a connection. */
  readonly idle: number;
}

export const serverTimes: ServerTimes = {
  head: 20_000,
  // The largest report on a slow line: 256 MiB at 2.5 Mbit/s take a quarter of an hour.
  request: 15 * 60_000,
  stall: 5 * 60_000,
  // Longer than the minute for which balancers keep theirs, else they send into one that is just being closed: a 502.
  idle: 65_000,
};

/** How often Node.js looks for heads and requests that are overdue; its own 30 s would make 50 of the 20 above. */
export const overdueEveryMs = 5_000;

const sayEveryMs = 60_000;

/**
 * Bounds what one peer, and all of them, can hold of the server.
 *
 * @param maxSockets connections at once, upgraded ones included; one more is closed without an answer
 */
export function limitServer(server: Server, maxSockets: number | undefined, times: ServerTimes = serverTimes): void {
  server.headersTimeout = times.head;
  server.requestTimeout = times.request;
  server.keepAliveTimeout = times.idle;
  // Upgraded sockets leave it: they have pings.
  server.timeout = times.stall;
  server.maxHeadersCount = 100;
  if (maxSockets === undefined) return;
  server.maxConnections = maxSockets;
  let saidAt = -Infinity;
  server.on('drop', () => {
    const now = performance.now();
    if (now - saidAt < sayEveryMs) return;
    saidAt = now;
    new Logger('http').warn(`${maxSockets} connections are open: further ones are closed unanswered`);
  });
}
