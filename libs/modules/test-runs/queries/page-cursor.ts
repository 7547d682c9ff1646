import { DomainError } from '#platform/kernel';

/** Where a page of runs ends: its last run, of the newest first. Opaque to clients. */
export interface RunCursor {
  readonly startedAt: number;
  readonly runId: string;
}

export function writeCursor({ startedAt, runId }: RunCursor): string {
  return Buffer.from(JSON.stringify([startedAt, runId])).toString('base64url');
}

/** Throws `request.invalid` for what no page has ended with. */
export function readCursor(text: string): RunCursor {
  try {
    const [startedAt, runId] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [unknown, unknown];
    if (Number.isSafeInteger(startedAt) && typeof runId === 'string') return { startedAt: startedAt as number, runId };
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  throw new DomainError('request.invalid', 'after is not the `next` of a page of this list.');
}
