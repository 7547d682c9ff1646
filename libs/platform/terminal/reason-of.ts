/**
 * Why something failed, in words for whoever gave the command. A host with several addresses fails with an error for each
 * and no words of its own: it would be told by an empty line.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
