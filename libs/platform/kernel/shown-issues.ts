import type { z } from 'zod';

/** Of a body of 1 MiB every item may be wrong, and a path be a key of any length: the answer must fit in a frame. */
const maxIssues = 20;
const maxText = 200;

export interface ShownIssue {
  readonly path: string;
  readonly message: string;
}

/** Where and why a value does not fit its schema, for `details.issues`: the first 20, each text of 200 characters at most. */
export function shownIssues(error: z.ZodError): ShownIssue[] {
  return error.issues.slice(0, maxIssues).map(({ path, message }) => ({
    path: path.map(String).join('.').slice(0, maxText),
    message: message.slice(0, maxText),
  }));
}

/** The first of them in words: `sizes.1: Invalid input`. */
export function firstIssueIn([first]: readonly ShownIssue[]): string {
  if (first === undefined) return '';
  return first.path === '' ? first.message : `${first.path}: ${first.message}`;
}
