import { type ResultItem, resultItemSchema } from '@testcast/contracts';
import { DomainError, firstIssueIn, shownIssues } from '#platform/kernel';
import { isTooDeep } from './storable.ts';
import { UnreadableItem } from './unreadable-item.ts';

/** One item of a report. Throws `item.invalid` with `details.issues: [{path, message}]`. */
export function parseItem(raw: unknown): ResultItem {
  if (raw instanceof UnreadableItem) throw new DomainError('item.invalid', raw.reason);
  if (isTooDeep(raw)) throw new DomainError('item.invalid', 'The item is nested too deep.');
  const parsed = resultItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = shownIssues(parsed.error);
  throw new DomainError('item.invalid', `The item is not valid: ${firstIssueIn(issues)}.`, { details: { issues } });
}
