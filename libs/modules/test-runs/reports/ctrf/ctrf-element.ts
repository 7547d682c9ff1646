/** What is kept of an element of `results.tests`, as it came: nothing has been checked but its size. */
export type CtrfValue = string | number | boolean | null | CtrfValue[] | CtrfObject;
export interface CtrfObject {
  [key: string]: CtrfValue | undefined;
}

const attemptKeys = 'attempt status rawStatus duration message trace snippet line start stop stdout stderr'.split(' ');
const testKeys = [
  ...attemptKeys,
  ...'name testId suite filePath tags labels owner retries retryAttempts flaky browser device threadId parameters steps extra'.split(
    ' ',
  ),
];

/** Keys that are read of an object, by the key that it stands under; everything else is passed over as it streams. */
const keysUnder: Record<string, ReadonlySet<string>> = {
  tests: new Set(testKeys),
  retryAttempts: new Set(attemptKeys),
  extra: new Set(['annotations']),
  annotations: new Set(['type']),
};

export function isRead(under: string, key: string): boolean {
  return !Object.hasOwn(keysUnder, under) || keysUnder[under]!.has(key);
}

/** Whether the values under a key are lines of output, which may be many and are joined as they come. */
export function isOutput(key: string): boolean {
  return key === 'stdout' || key === 'stderr';
}

/** A text under one of the keys; numbers and booleans as they would be written. */
export function textOf(object: CtrfObject, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value !== null && typeof value === 'object') return JSON.stringify(value);
  }
  return undefined;
}

export function numberOf(object: CtrfObject, key: string): number | undefined {
  const value = object[key];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function isObject(value: CtrfValue | undefined): value is CtrfObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
