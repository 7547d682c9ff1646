import type { z } from 'zod';
import { DomainError, shownIssues } from '#platform/kernel';

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
  return new DomainError('request.invalid', undefined, { details: { issues: shownIssues(error) } });
}
