import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import { ZodPipe } from './zod.pipe.ts';

// A request without a body has none to parse, not even `{}`; every field of its schema may still be optional.
const RequestBody = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).body ?? {},
);
const RequestParams = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).params,
);
const RequestQuery = createParamDecorator((_: unknown, context: ExecutionContext): unknown => requestOf(context).query);

/** The parsed body; see {@link JsonBody} for what reads it. Throws `request.invalid`. */
export function ValidBody(schema: z.ZodType): ParameterDecorator {
  return RequestBody(undefined, new ZodPipe(schema));
}

/** The route's parameters. Throws `request.invalid`. */
export function ValidParams(schema: z.ZodType): ParameterDecorator {
  return RequestParams(undefined, new ZodPipe(schema));
}

/** The query string: values are strings, or arrays of strings where a name is repeated. Throws `request.invalid`. */
export function ValidQuery(schema: z.ZodType): ParameterDecorator {
  return RequestQuery(undefined, new ZodPipe(schema));
}

function requestOf(context: ExecutionContext): Request {
  return context.switchToHttp().getRequest<Request>();
}
