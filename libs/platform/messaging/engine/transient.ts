import { isUnreachable } from '#platform/event-store';

/** Connection lost, transaction rolled back (serialization, deadlock), out of resources, lock or object state, operator. */
const transientClasses = new Set(['08', '40', '53', '55', '57']);

/**
 * Whether the reason lies outside the events, so that the same batch may succeed later: by the class of the SQLSTATE, by
 * a connection that broke, or because the error says so itself (`temporary`). Causes are looked through, since handlers
 * wrap errors.
 */
export function isTransient(error: unknown, depth = 0): boolean {
  if (error === null || typeof error !== 'object' || depth > 5) return false;
  const { code, temporary, cause } = error as Record<string, unknown>;
  if (temporary === true || isUnreachable(error)) return true;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && transientClasses.has(code.slice(0, 2))) return true;
  return isTransient(cause, depth + 1);
}
