import type { z } from 'zod';
import { DomainError } from '#platform/kernel';

/** The data as the schema gives it; throws `request.invalid` with `details.issues`. A missing `data` counts as `{}`. */
export function parseData<S extends z.ZodType>(schema: S, data: unknown): z.output<S> {
  const result = schema.safeParse(data ?? {});
  if (result.success) return result.data;
  throw new DomainError('request.invalid', undefined, { details: { issues: result.error.issues } });
}
