import { STATUS_CODES } from 'node:http';
import type { DomainError } from '#platform/kernel';

export interface Refusal {
  /** Such as `503 Service Unavailable`. */
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/**
 * The answer to an upgrade that is refused. The status line says only what the status itself means: an error's message in it
 * would reach logs of proxies, and a line break in it would be a header of the sender's choice.
 */
export function refusalOf(error: DomainError): Refusal {
  const headers: [string, string][] = [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Cache-Control', 'no-store'],
  ];
  if (error.status === 401) headers.push(['WWW-Authenticate', 'Bearer']);
  if (error.retryAfterMs !== undefined) {
    headers.push(['Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)))]);
  }
  return {
    statusLine: `${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    headers,
    body: JSON.stringify({ error: error.toBody() }),
  };
}

/** The same as a plain HTTP/1.1 response, after which the connection ends. */
export function refusalResponse(error: DomainError): string {
  const { statusLine, headers, body } = refusalOf(error);
  const lines = [
    `HTTP/1.1 ${statusLine}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
