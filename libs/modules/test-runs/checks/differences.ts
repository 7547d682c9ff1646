const mostDifferences = 5;
const mostText = 60;

/**
 * Where two JSON values differ, each in words: `counts.passed is 7 and should be 1`. At most five, and how many more there are.
 *
 * @param kept what is there @param made what should be
 */
export function differences(kept: unknown, made: unknown): string {
  const found = [...differing('', kept, made)];
  const shown = found.slice(0, mostDifferences).join(', ');
  return found.length > mostDifferences ? `${shown}, and ${found.length - mostDifferences} more` : shown;
}

function* differing(path: string, kept: unknown, made: unknown): Iterable<string> {
  if (isObject(kept) && isObject(made) && Array.isArray(kept) === Array.isArray(made)) {
    for (const key of new Set([...Object.keys(kept), ...Object.keys(made)])) {
      const inner = path === '' ? key : `${path}.${key}`;
      yield* differing(inner, Reflect.get(kept, key), Reflect.get(made, key));
    }
    return;
  }
  if (kept !== made) yield `${path} is ${shownAs(kept)} and should be ${shownAs(made)}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Names and messages of tests may be long. */
function shownAs(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text;
}
