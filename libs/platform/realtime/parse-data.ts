import type { z } from 'zod';
import { DomainError } from '#platform/kernel';

/** Of a frame of 1 MiB every item may be wrong, and a path be a key of any length: the reply must fit in a frame. */
const maxIssues = 20;
const maxText = 200;

/**
 * The data as the schema gives it; throws `request.invalid` with `details.issues: [{path, message}]` (the first 20). A
 * missing `data` counts as `{}`.
 */
export function parseData<S extends z.ZodType>(schema: S, data: unknown): z.output<S> {
  const result = schema.safeParse(data ?? {});
  if (result.success) return result.data;
  throw invalidRequest(result.error);
}

/** `request.invalid` with where and why. */
export function invalidRequest(error: z.ZodError): DomainError {
  const issues = error.issues.slice(0, maxIssues).map(({ path, message }) => ({
    path: path.map(String).join('.').slice(0, maxText),
    message: message.slice(0, maxText),
  }));
  return new DomainError('request.invalid', undefined, { details: { issues } });
}
