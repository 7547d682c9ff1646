const secretField =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|(?:api-?)?key|(?:\w+[-_])?(?:token|ticket|secret)|\w*(?:Token|Ticket|Secret)|password)$/i;

// A secret also travels inside text: a request's URL, a header that was printed, a connection string, an API key.
const secretText: readonly [RegExp, string][] = [
  [/([?&#](?:ticket|token|migration|key|code)=)[^&\s"']+/gi, '$1[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\btc_[\w-]{8,}/g, 'tc_[redacted]'],
  [/(\w+:\/\/[^\s:/@]*):[^\s/@]+@/g, '$1:[redacted]@'],
];
const deepest = 6;

/** The value as it may be logged: fields that hold credentials are replaced, and so are credentials inside text. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= deepest) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, secretField.test(key) ? '[redacted]' : redact(entry, depth + 1)]),
  );
}

export function redactText(text: string): string {
  return secretText.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

// Only what tells the failure: an error of a database driver also carries the query's parameters, which are users' data.
function redactError(error: Error & { code?: unknown }, depth: number): object {
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof error.code === 'string' ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
