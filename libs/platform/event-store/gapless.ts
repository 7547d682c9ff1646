import { DomainError } from '#platform/kernel';

/** The log has no holes. A reader that met one must not deliver what follows it: the hole would be lost for good. */
export function requireGapless(numbers: readonly number[], after: number, where: string): void {
  const hole = numbers.findIndex((number, index) => number !== after + 1 + index);
  if (hole === -1) return;
  throw new DomainError('store.unavailable', `The log of ${where} has a hole before ${numbers[hole]}.`, {
    retryAfterMs: 1_000,
  });
}
