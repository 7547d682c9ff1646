import { STATUS_CODES } from 'node:http';
import type { DomainError } from '#platform/kernel';

/**
 * A refused upgrade as a plain HTTP/1.1 response. The status line says only what the status itself means: an error's
 * message in it would reach logs of proxies, and a line break in it would be a header of the sender's choice.
 */
export function refusalResponse(error: DomainError): string {
  const body = JSON.stringify({ error: error.toBody() });
  const lines = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  if (error.status === 401) lines.push('WWW-Authenticate: Bearer');
  if (error.retryAfterMs !== undefined) lines.push(`Retry-After: ${Math.max(1, Math.ceil(error.retryAfterMs / 1000))}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
