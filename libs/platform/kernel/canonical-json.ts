/** JSON with the keys of every object sorted and undefined left out, so that equal content has equal text. */
export function canonicalJson(value: unknown): string {
  return written(value) ?? 'null';
}

/** Keys as they are written. Nearly all are names of fields of ours; those of senders fill it once, and are quoted anew then. */
const quotedKeys = new Map<string, string>();
const mostQuotedKeys = 1_000;

// Written as it is walked: a sorted copy of each object, for JSON.stringify to read, took three times as long. Each result
// passes here, so numbers do not take the way through JSON.stringify, nor keys each time: half the time for an event.
function written(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((entry) => written(entry) ?? 'null').join(',')}]`;
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const entry = written((value as Record<string, unknown>)[key]);
    if (entry === undefined) continue;
    text += `${text === '' ? '' : ','}${quoted(key)}:${entry}`;
  }
  return `{${text}}`;
}

function quoted(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify(key);
  if (quotedKeys.size < mostQuotedKeys) quotedKeys.set(key, text);
  return text;
}
