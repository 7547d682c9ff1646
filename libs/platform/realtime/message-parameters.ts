import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { z } from 'zod';
import type { Message } from './message.ts';
import { parseData } from './parse-data.ts';

/** The message's data as the schema gives it; what does not fit is answered with `request.invalid`. */
export function Payload(schema: z.ZodType): ParameterDecorator {
  // Not as the decorator's argument: a schema has a `transform`, and Nest would take it for a pipe.
  return createParamDecorator((_: unknown, context: ExecutionContext) => parseData(schema, messageOf(context).data))();
}

/** Who sent the message: a `Caller`. */
export const FromCaller = createParamDecorator((_: unknown, context: ExecutionContext) => messageOf(context).caller);

function messageOf(context: ExecutionContext): Message {
  return context.switchToWs().getData<Message>();
}
