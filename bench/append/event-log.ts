/** A store under measurement, with as many appends in flight as the caller has not yet awaited. */
export interface EventLog {
  /** Durable when it resolves. */
  append(stream: string, events: number): Promise<void>;
  close(): Promise<void>;
}

/** About 200 bytes, as a test's result. */
export const eventData = { status: 'passed', durationMs: 12, pad: 'x'.repeat(160) };
