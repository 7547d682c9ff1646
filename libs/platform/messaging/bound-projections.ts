import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ProjectionHandler } from './engine/projection-handler.ts';
import type { ProjectionOptions } from './projection.ts';

type Handlers = ReadonlyMap<string, MessageHandler>;

/** Nest joins two handlers of one pattern without a word, and both would share the checkpoints of one name. */
export function refuseSecond(handlers: Handlers, pattern: string): void {
  if (handlers.has(pattern)) throw new Error(`two projections are named "${pattern}"`);
}

/** The projections among the handlers that Nest has bound. Throws for a handler that no feed would ever call. */
export function boundProjections(handlers: Handlers): ProjectionHandler[] {
  return [...handlers].map(([pattern, handler]) => {
    const options = handler.extras?.['projection'] as ProjectionOptions | undefined;
    if (options === undefined)
      throw new Error(`the handler of "${pattern}" is not a @Projection: it would never be called`);
    return { ...options, apply: async (batch, context) => settled(await handler(batch, context)) };
  });
}

async function settled(result: unknown): Promise<void> {
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
