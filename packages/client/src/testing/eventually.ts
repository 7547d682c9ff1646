import { vi } from 'vitest';

/** Tries until the assertion holds; generous, since a busy machine is no failure. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 4500, interval: 10 });
}
