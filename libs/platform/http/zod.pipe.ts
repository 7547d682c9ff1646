import type { PipeTransform } from '@nestjs/common';
import { DomainError } from '#platform/kernel';
import type { z } from 'zod';

const shownIssues = 20;

/** Parses a value by a schema; throws `request.invalid` with `details.issues: [{path, message}]` (the first 20). */
export class ZodPipe<S extends z.ZodType> implements PipeTransform<unknown, z.output<S>> {
  constructor(private readonly schema: S) {}

  transform(value: unknown): z.output<S> {
    const parsed = this.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues
      .slice(0, shownIssues)
      .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
    const first = issues[0]!;
    const where = first.path === '' ? '' : `${first.path}: `;
    throw new DomainError('request.invalid', `The request is not valid: ${where}${first.message}.`, {
      details: { issues },
    });
  }
}
