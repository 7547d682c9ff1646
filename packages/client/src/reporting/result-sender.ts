import {
  limits,
  type ClaimedStatus,
  type ItemResult,
  type ReportContext,
  type RunDescription,
  type RunRef,
} from '@testcast/contracts';
import { Backoff, type BackoffOptions } from '../connection/backoff.ts';
import type { TestcastHttp } from '../http/testcast-http.ts';
import { asTestcastError, TestcastError } from '../testcast-error.ts';
import type { Backlog } from './backlog.ts';
import type { ItemLine } from './item-line.ts';

export interface SenderOptions {
  http: TestcastHttp;
  run: RunRef;
  context: ReportContext;
  description: RunDescription | undefined;
  batchItems: number;
  batchMs: number;
  backoff: BackoffOptions | undefined;
  backlog: Backlog;
  problem: (code: string, message: string, item?: string) => void;
}

/** Statuses that mean that no other batch will fare better: no or a wrong token, no grants, no such project. */
const refusesAll = new Set([401, 403, 404]);

/** Sends the backlog batch by batch, one at a time, until each item has an answer. Items have an identity: a repeat is harmless. */
export class ResultSender {
  sent = 0;
  rejected = 0;
  refusal: TestcastError | undefined;
  private readonly options: SenderOptions;
  private readonly backoff: Backoff;
  private readonly timeUp = new AbortController();
  private inFlight: ItemLine[] = [];
  private announced = false;
  private working: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private draining = false;
  private wake: (() => void) | undefined;

  constructor(options: SenderOptions) {
    this.options = options;
    this.backoff = new Backoff(options.backoff);
    this.announced = options.description === undefined;
  }

  get pending(): number {
    return this.options.backlog.size + this.inFlight.length;
  }

  push(line: ItemLine): void {
    if (this.refusal !== undefined) {
      this.rejected += 1;
      return;
    }
    const { backlog, batchItems, batchMs } = this.options;
    backlog.push(line);
    if (this.working !== undefined) return;
    if (backlog.size >= batchItems) this.start();
    else this.timer ??= setTimeout(() => this.start(), batchMs);
  }

  /** Sends what is left, then ends the run if it is given a claim; answers with what was in flight when time was up. */
  async drain(timeoutMs: number, claim: { status?: ClaimedStatus | undefined } | undefined): Promise<ItemLine[]> {
    this.draining = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.timeUp.abort();
        resolve();
      }, timeoutMs);
    });
    this.wake?.();
    await Promise.race([this.sendAll(claim), deadline]);
    clearTimeout(timer);
    this.timeUp.abort();
    return this.inFlight;
  }

  private async sendAll(claim: { status?: ClaimedStatus | undefined } | undefined): Promise<void> {
    // Again when items came while the last batch was on its way.
    do {
      this.start();
      await this.working;
    } while (this.pending > 0 && !this.stopped);
    if (claim === undefined || this.stopped) return;
    await this.untilAnswered(
      (options) => this.options.http.finishRun(this.options.run, claim, options),
      (error) => this.options.problem(error.code, error.message),
    );
  }

  private get stopped(): boolean {
    return this.refusal !== undefined || this.timeUp.signal.aborted;
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  private async work(): Promise<void> {
    if (!this.announced) await this.announce();
    while (!this.stopped && this.options.backlog.size > 0) {
      this.inFlight = this.options.backlog.take(limits.batchItems, limits.batchBytes);
      await this.send(this.inFlight);
    }
  }

  private async announce(): Promise<void> {
    const { http, run, description } = this.options;
    await this.untilAnswered(
      (options) => http.startRun(run, description, options),
      (error) => this.options.problem(error.code, error.message),
    );
    this.announced = !this.stopped;
  }

  private async send(batch: readonly ItemLine[]): Promise<void> {
    const { http, run, context } = this.options;
    const body = batch.map(({ text }) => text).join('\n');
    const reply = await this.untilAnswered(
      (options) => http.reportResults(run, body, context, options),
      // What one item spoils is found by halves, so that the others are kept.
      (error) => (batch.length > 1 ? 'split' : error),
    );
    if (reply === undefined) return;
    if (reply === 'split') {
      const middle = Math.ceil(batch.length / 2);
      await this.send(batch.slice(0, middle));
      if (!this.stopped) await this.send(batch.slice(middle));
      return;
    }
    if (reply instanceof TestcastError) this.reject(batch[0]!, reply);
    else this.count(batch, reply.results);
    const settled = new Set(batch);
    this.inFlight = this.inFlight.filter((line) => !settled.has(line));
  }

  private count(batch: readonly ItemLine[], results: readonly ItemResult[]): void {
    batch.forEach((line, index) => {
      const result = results[index];
      if (result?.status === 'appended' || result?.status === 'duplicate') this.sent += 1;
      else
        this.reject(
          line,
          result?.error ?? { code: 'response.unreadable', message: 'There was no answer for the item.' },
        );
    });
  }

  private reject({ text }: ItemLine, { code, message }: { code: string; message: string }): void {
    this.rejected += 1;
    this.options.problem(code, message, text);
  }

  /** Asks until the answer is a final one, waiting longer each time; undefined when time is up or all is refused. */
  private async untilAnswered<T, F>(
    request: (options: { signal: AbortSignal }) => Promise<T>,
    onRefused: (error: TestcastError) => F,
  ): Promise<T | F | undefined> {
    while (!this.stopped) {
      try {
        const reply = await request({ signal: this.timeUp.signal });
        this.backoff.reset();
        return reply;
      } catch (cause) {
        const error = asTestcastError(cause);
        if (this.timeUp.signal.aborted) return undefined;
        if (error.temporary) {
          await this.pause(this.backoff.next(error.retryAfterMs));
          continue;
        }
        if (error.status !== undefined && refusesAll.has(error.status)) return this.refuse(error);
        return onRefused(error);
      }
    }
    return undefined;
  }

  private refuse(error: TestcastError): undefined {
    this.refusal = error;
    this.rejected += this.inFlight.length + this.options.backlog.clear();
    this.inFlight = [];
    this.options.problem(error.code, error.message);
    return undefined;
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      // A suite that ends without `close` must not be kept from exiting by a server that is away.
      if (!this.draining) (timer as { unref?: () => void }).unref?.();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.timeUp.signal.addEventListener('abort', this.wake, { once: true });
    });
  }
}
