import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** milliseconds before it gives up (default 5,000) */
  within?: number;
  /** milliseconds between two tries (default 20) */
  every?: number;
  /** what was waited for, for the failure */
  message?: string;
}

/**
 * Tries `assertion` until it stops throwing, and answers with what it returned. In place of a sleep: as fast as the thing
 * that is waited for, and when that does not come, the failure is the assertion's own.
 *
 * @throws Error with the last failure in its message and as its cause
 */
export async function eventually<T>(assertion: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { within = 5_000, every = 20, message } = options;
  // Not in the trace of the last failure, which began at some timer.
  const caller = new Error('eventually');
  const deadline = performance.now() + within;
  for (let tries = 1; ; tries++) {
    try {
      return await assertion();
    } catch (failure) {
      if (performance.now() + every > deadline) throw gaveUp(failure, { within, tries, message, caller });
    }
    await delay(every);
  }
}

interface Wait {
  within: number;
  tries: number;
  message: string | undefined;
  caller: Error;
}

function gaveUp(failure: unknown, { within, tries, message, caller }: Wait): Error {
  const last = failure instanceof Error ? failure.message : String(failure);
  const what = message === undefined ? 'Still failing' : `${message}: still failing`;
  const error = new Error(`${what} after ${within} ms and ${tries} tries: ${last}`, { cause: failure });
  if (caller.stack !== undefined) error.stack = caller.stack.replace('Error: eventually', `Error: ${error.message}`);
  return error;
}
