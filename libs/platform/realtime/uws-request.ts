import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '#platform/kernel';
import type { UwsRequest } from './uws-binding.ts';

/** Of these the first counts when they come twice, as Node.js has it; the others are joined. */
const single = new Set(['authorization', 'host', 'user-agent', 'sec-websocket-key', 'sec-websocket-version']);

/** The headers as Node.js would give them, so that every rule that reads them holds for both engines. */
export function copyHeaders(request: Pick<UwsRequest, 'forEach'>): IncomingHttpHeaders {
  const headers = Object.create(null) as Record<string, string>;
  request.forEach((name, value) => {
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    // Taking the last one would let a client hide what a proxy wrote before it.
    else if (!single.has(name)) headers[name] = `${before}, ${value}`;
  });
  return headers;
}

export function offers(headers: IncomingHttpHeaders, protocol: string): boolean {
  return (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === protocol);
}

/** What RFC 6455, 4.2.1, asks of a handshake and uWebSockets.js does not look at. */
export function handshakeProblem(headers: IncomingHttpHeaders): DomainError | undefined {
  const good =
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') && headers['sec-websocket-version'] === '13';
  return good ? undefined : new DomainError('request.invalid', 'This is not a WebSocket handshake.');
}
