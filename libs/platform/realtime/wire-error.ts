import { HttpException } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import type { ErrorCode } from '@testcast/contracts';
import { ZodError } from 'zod';
import { isUnreachable } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { invalidRequest } from './parse-data.ts';

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'request.invalid',
  401: 'auth.required',
  403: 'auth.forbidden',
  404: 'request.not-found',
  413: 'request.too-large',
  422: 'request.invalid',
  429: 'rate.exceeded',
};

/** The catalogue's word for what handlers, guards and pipes throw; what it does not know is handed back as it is. */
export function wireErrorOf(thrown: unknown): unknown {
  if (thrown instanceof ZodError) return invalidRequest(thrown);
  if (thrown instanceof HttpException) {
    const code = codeOfStatus[thrown.getStatus()];
    return code === undefined ? thrown : new DomainError(code, thrown.message, { cause: thrown });
  }
  if (isUnreachable(thrown)) {
    return new DomainError('store.unavailable', undefined, { retryAfterMs: 1000, cause: thrown });
  }
  // Nest throws it for a guard that said no.
  if (thrown instanceof WsException) return new DomainError('auth.forbidden', thrown.message, { cause: thrown });
  return thrown;
}
