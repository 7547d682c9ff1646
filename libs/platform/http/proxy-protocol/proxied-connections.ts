import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/**
 * What connections of trusted proxies begin with. `required`: the header of the PROXY protocol, or they are closed;
 * `optional`: that, or a request as it is, for networks in which probes come from the same addresses as balancers.
 */
export type ProxyProtocol = 'off' | 'required' | 'optional';

export interface ProxiedConnectionsOptions {
  readonly mode: Exclude<ProxyProtocol, 'off'>;
  /** Whether a peer may say whom it speaks for. */
  readonly trusts: (address: string) => boolean;
  /** Milliseconds for the whole header; default 5,000, of which a balancer that is well needs none. */
  readonly withinMs?: number | undefined;
}

const sayEveryMs = 60_000;

/**
 * Lets a server read the header of the PROXY protocol before HTTP: `remoteAddress` of the socket then is the client's, for
 * everything behind it. Peers who are not trusted are left to HTTP, to which the header is a broken request.
 */
export function acceptProxied(server: Server, { mode, trusts, withinMs = 5_000 }: ProxiedConnectionsOptions): void {
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const say = sayRarely();
  const serve = (socket: Socket): void => listeners.forEach((listener) => listener.call(server, socket));
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // A request that was handed back comes a second time, its header taken off.
    if (seen.has(socket) || !trusts(socket.remoteAddress ?? '')) {
      serve(socket);
      return;
    }
    seen.add(socket);
    awaitHeader(socket, withinMs, (header, received) => {
      const good = header.is === 'whole' || (header.is === 'absent' && mode === 'optional');
      if (!good) {
        say(socket.remoteAddress, header.is);
        socket.destroy();
        return;
      }
      const rest = header.is === 'whole' ? received.subarray(header.bytes) : received;
      if (header.is === 'whole' && header.address !== undefined) speakFor(socket, header.address);
      if (rest.length > 0) socket.unshift(rest);
      serve(socket);
    });
  });
}

const seen = new WeakSet<Socket>();

/** Calls back once, unless the peer goes before. */
function awaitHeader(socket: Socket, withinMs: number, decide: (header: ProxyHeader, received: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0);
  const overdue = setTimeout(() => settle({ is: 'unfinished' }), withinMs).unref();
  const settle = (header: ProxyHeader): void => {
    leave();
    decide(header, received);
  };
  const take = (): void => {
    for (let bytes = socket.read() as Buffer | null; bytes !== null; bytes = socket.read() as Buffer | null) {
      received = Buffer.concat([received, bytes]);
    }
    const header = readProxyHeader(received);
    // Health checks connect, say nothing and go: that is no trouble.
    if (header.is !== 'unfinished') settle(header);
  };
  const gone = (): void => {
    leave();
    socket.destroy();
  };
  const leave = (): void => {
    clearTimeout(overdue);
    socket.off('readable', take).off('end', gone).off('error', gone).off('close', gone);
  };
  socket.on('readable', take).on('end', gone).on('error', gone).on('close', gone);
}

function speakFor(socket: Socket, address: string): void {
  // Everything behind this asks the socket: rates, /v1/connect, logs. Node.js has it as a getter of the prototype.
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true });
}

/** A line a minute at most: a balancer that is set up wrongly would write one for each of its checks. */
function sayRarely(): (peer: string | undefined, what: ProxyHeader['is']) => void {
  let saidAt = -Infinity;
  return (peer, what) => {
    const now = performance.now();
    if (now - saidAt < sayEveryMs) return;
    saidAt = now;
    const words: Partial<Record<typeof what, string>> = { absent: 'without', broken: 'with a broken' };
    const how = words[what] ?? 'that had not sent all of its';
    new Logger('http').warn(`closed a connection of ${peer}, a trusted proxy, ${how} header of the PROXY protocol`);
  };
}
