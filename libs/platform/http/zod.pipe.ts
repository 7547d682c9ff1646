import type { PipeTransform } from '@nestjs/common';
import { DomainError, firstIssueIn, shownIssues } from '#platform/kernel';
import type { z } from 'zod';

/** Parses a value by a schema; throws `request.invalid` with `details.issues: [{path, message}]` (the first 20). */
export class ZodPipe<S extends z.ZodType> implements PipeTransform<unknown, z.output<S>> {
  constructor(private readonly schema: S) {}

  transform(value: unknown): z.output<S> {
    const parsed = this.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issues = shownIssues(parsed.error);
    throw new DomainError('request.invalid', `The request is not valid: ${firstIssueIn(issues)}.`, {
      details: { issues },
    });
  }
}
