import { asTestcastError, Backoff, TestcastError, type CallOptions } from '@testcast/client/node';

/** Repeats requests that failed for now until they are answered or the time of the whole command is up. */
export class Patience {
  private readonly deadline: number;
  private readonly onWait: (error: TestcastError) => void;

  constructor(timeoutMs: number, onWait: (error: TestcastError) => void) {
    this.deadline = Date.now() + timeoutMs;
    this.onWait = onWait;
  }

  /** Throws the server's refusal, or the last temporary failure when time is up. `request` is called anew each time. */
  async until<T>(request: (options: CallOptions) => Promise<T>): Promise<T> {
    const backoff = new Backoff({ baseMs: 250, capMs: 10_000 });
    for (;;) {
      const left = this.deadline - Date.now();
      if (left <= 0) throw new TestcastError('network.timeout', 'Time is up.', { temporary: true });
      try {
        return await request({ timeoutMs: left });
      } catch (cause) {
        const error = asTestcastError(cause);
        const waitMs = backoff.next(error.retryAfterMs);
        if (!error.temporary || Date.now() + waitMs >= this.deadline) throw error;
        this.onWait(error);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }
}
