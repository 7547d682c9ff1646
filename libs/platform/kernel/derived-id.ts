import { hash } from 'node:crypto';

/**
 * An id that the same words always give: the first 128 bits of sha256 over the parts, written as a UUID of version 8
 * (RFC 9562, 5.8). Repeating a request therefore repeats its ids, which is what makes a repeat harmless.
 */
export function derivedId(...parts: readonly (string | number)[]): string {
  // JSON keeps ("a", "bc") and ("ab", "c") apart.
  const hex = hash('sha256', JSON.stringify(parts), 'hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** URL-safe key of a test in a run: 96 bits of sha256 over testId and variant. */
export function testKeyOf(testId: string, variant: string): string {
  return hash('sha256', JSON.stringify([testId, variant]), 'base64url').slice(0, 16);
}
