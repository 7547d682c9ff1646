/** Levels of a value; the deepest that a legitimate report reaches is its tree of steps. */
const maxDepth = 100;

/** Whether a value is nested so deep that a recursive parser would run out of stack. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (depth >= maxDepth) return true;
  for (const entry of Object.values(value)) if (isTooDeep(entry, depth + 1)) return true;
  return false;
}

// JSON text writes NUL and lone surrogates as escapes, so their absence shows in one scan of a whole batch.
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** Whether a JSON text may hold a character that PostgreSQL does not store. */
export function mayBeUnstorable(json: string): boolean {
  return suspicious.test(json);
}

/** The value with NUL and lone surrogates, which PostgreSQL refuses in text, as U+FFFD, in keys too. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\0|\p{Surrogate}/gu, '\uFFFD');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storable(key), storable(entry)]));
}
