import { HttpException } from '@nestjs/common';
import { type ErrorCode, errorCatalogue } from '@testcast/contracts';
import { isUnreachable } from '#platform/event-store';
import { DomainError } from '#platform/kernel';

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'auth.required',
  403: 'auth.forbidden',
  404: 'request.not-found',
  405: 'request.not-found',
  413: 'request.too-large',
  415: 'request.unsupported-type',
  429: 'rate.exceeded',
};

/** SQLSTATE of a parameter with a NUL character, which PostgreSQL takes in no text: neither stored nor looked for. */
const notAText = '22021';

/** The catalogue's word for an error of Nest, of Express, of a body parser or of the database driver, if there is one. */
export function catalogued(thrown: unknown): DomainError | undefined {
  if (thrown instanceof DomainError) return thrown;
  if (thrown instanceof HttpException) return fromStatus(thrown.getStatus(), thrown.message, thrown);
  if (!(thrown instanceof Error)) return undefined;
  if (isStoreAway(thrown))
    return new DomainError('store.unavailable', undefined, { retryAfterMs: 1000, cause: thrown });
  if ('code' in thrown && thrown.code === notAText)
    return new DomainError('request.invalid', 'The request has a NUL character in a text.', { cause: thrown });
  return fromParser(thrown);
}

interface ParserError extends Error {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly limit?: unknown;
  readonly expose?: unknown;
}

// Errors of body-parser and of Express's own router (a path that is not valid percent encoding) carry a status.
function fromParser(thrown: ParserError): DomainError | undefined {
  if (typeof thrown.status !== 'number' || thrown.status < 400 || thrown.status >= 500) return undefined;
  if (thrown.type === 'entity.too.large') {
    return new DomainError('request.too-large', `The body is over ${String(thrown.limit)} bytes.`, {
      details: { limit: thrown.limit },
    });
  }
  if (thrown.type === 'entity.parse.failed') {
    return new DomainError('request.invalid', `The body is not valid JSON: ${thrown.message}.`);
  }
  return fromStatus(thrown.status, thrown.message, thrown);
}

function fromStatus(status: number, message: string, cause: unknown): DomainError | undefined {
  if (status >= 500) return undefined;
  const code = codeOfStatus[status] ?? 'request.invalid';
  const text = code === 'request.not-found' ? errorCatalogue[code].says : message;
  return new DomainError(code, text, { cause });
}

// A file that is missing has the same code as a Unix socket whose server is gone.
function isStoreAway(thrown: Error): boolean {
  const isFile = 'syscall' in thrown && 'path' in thrown && thrown.syscall !== 'connect';
  return !isFile && isUnreachable(thrown);
}
