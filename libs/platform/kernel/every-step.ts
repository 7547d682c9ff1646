/**
 * Takes one step after the other, those after one that failed as well: what is stopped in an order must not stay because
 * something before it could not be. Throws what failed, an AggregateError when several did.
 */
export async function everyStep(steps: Iterable<() => unknown>): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '));
}
