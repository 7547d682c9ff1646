import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Caller } from '#platform/kernel';
import type { AuthenticatedRequest } from './http-auth.guard.ts';

/** The caller whom the guard has authenticated; not for `@Public()` routes. */
export const HttpCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (caller === undefined) throw new Error('a public route has no caller');
  return caller;
});
