import { type ResultItem, resultItemSchema } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { isTooDeep } from './storable.ts';
import { UnreadableItem } from './unreadable-item.ts';

const shownIssues = 20;

/** One item of a report. Throws `item.invalid` with `details.issues: [{path, message}]`. */
export function parseItem(raw: unknown): ResultItem {
  if (raw instanceof UnreadableItem) throw new DomainError('item.invalid', raw.reason);
  if (isTooDeep(raw)) throw new DomainError('item.invalid', 'The item is nested too deep.');
  const parsed = resultItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, shownIssues)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const first = issues[0]!;
  const where = first.path === '' ? '' : `${first.path}: `;
  throw new DomainError('item.invalid', `The item is not valid: ${where}${first.message}.`, { details: { issues } });
}
