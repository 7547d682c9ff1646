import { DomainError } from '#platform/kernel';
import { type ReadBounds, slotCount } from './event-store.ts';

const most = { limit: 10_000, maxBytes: 16 * 1024 * 1024 };

/** Defaults, and a cap that no caller gets past: a page is held in memory as a whole. */
export function boundsOf({ limit = 1_000, maxBytes = 256 * 1024 }: ReadBounds = {}): typeof most {
  return { limit: clamp(limit, most.limit), maxBytes: clamp(maxBytes, most.maxBytes) };
}

/** Versions that one `readDetails` may ask for. */
export const mostDetails = 1_000;

/** Throws `request.invalid` unless the number is an offset: an integer from 0 on. */
export function requireOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new DomainError('request.invalid', 'An offset is an integer from 0 on.');
  }
}

/** Throws `request.invalid` unless the number is that of a slot. */
export function requireSlot(slot: number): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= slotCount) {
    throw new DomainError('request.invalid', `A slot is an integer from 0 to ${slotCount - 1}.`);
  }
}

/** Throws `request.too-large` above 1,000 versions. */
export function requireFewDetails(versions: readonly number[]): void {
  versions.forEach(requireOffset);
  if (versions.length > mostDetails) {
    throw new DomainError('request.too-large', `Details are read for at most ${mostDetails} events at once.`, {
      details: { limit: mostDetails },
    });
  }
}

function clamp(value: number, highest: number): number {
  return Math.max(1, Math.min(Math.floor(value), highest));
}
