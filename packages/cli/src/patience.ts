import { asTestcastError, Backoff, TestcastError, type CallOptions } from '@testcast/client/node';

/** Told of the tries of a request. */
export interface PatienceListener {
  /** A try failed and is made again. */
  failed(error: TestcastError): void;
  /** After that, the server has answered, be it with a refusal. */
  answered(): void;
  /** After that, time is up. */
  gaveUp(): void;
}

/** Repeats requests that failed for now until they are answered or the time of the whole command is up. */
export class Patience {
  private readonly deadline: number;
  private readonly listener: PatienceListener;

  constructor(timeoutMs: number, listener: PatienceListener) {
    this.deadline = Date.now() + timeoutMs;
    this.listener = listener;
  }

  /** Throws the server's refusal, or the last temporary failure when time is up. `request` is called anew each time. */
  async until<T>(request: (options: CallOptions) => Promise<T>): Promise<T> {
    const backoff = new Backoff({ baseMs: 250, capMs: 10_000 });
    for (;;) {
      const left = this.deadline - Date.now();
      if (left <= 0) throw new TestcastError('network.timeout', 'Time is up.', { temporary: true });
      let error: TestcastError;
      try {
        const answer = await request({ timeoutMs: left });
        this.listener.answered();
        return answer;
      } catch (cause) {
        error = asTestcastError(cause);
      }
      const waitMs = backoff.next(error.retryAfterMs);
      if (!error.temporary || Date.now() + waitMs >= this.deadline) {
        if (error.temporary) this.listener.gaveUp();
        else this.listener.answered();
        throw error;
      }
      this.listener.failed(error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
