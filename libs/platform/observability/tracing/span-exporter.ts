import { Logger } from '@nestjs/common';
import { otlpJsonOf } from './otlp-json.ts';
import type { AttributeValue, Span } from './span.ts';

export interface SpanExporterOptions {
  /** The whole URL, such as `http://collector:4318/v1/traces`. */
  readonly url: string;
  /** Sent with each request; they may be credentials, and are never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, AttributeValue>>;
  /** Called with how many spans were let go without having been taken. */
  readonly onDropped: (count: number) => void;
  /** Milliseconds between two requests while there is little (default 1,000). */
  readonly everyMs?: number | undefined;
}

/** Spans that wait; more are dropped, since traces must not cost the process its memory when the collector is away. */
export const spanQueue = { spans: 4_096, request: 512 };
const requestMs = 10_000;
const tries = 3;

/** Sends spans to a collector in the background: OTLP over HTTP, as JSON. Nobody waits for it, and it never throws. */
export class SpanExporter {
  private readonly logger = new Logger('Tracing');
  private waiting: Span[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private failures = 0;
  private closing = false;

  constructor(private readonly options: SpanExporterOptions) {}

  add(span: Span): void {
    if (this.closing || this.waiting.length >= spanQueue.spans) {
      this.options.onDropped(1);
      return;
    }
    this.waiting.push(span);
    if (this.waiting.length >= spanQueue.request) this.send();
    else this.wait();
  }

  /** Sends what waits, at most for so many milliseconds. */
  async close(withinMs: number): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    const cut = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    this.send();
    await Promise.race([this.sending, cut]);
  }

  private wait(): void {
    this.timer ??= setTimeout(() => this.send(), this.options.everyMs ?? 1_000).unref();
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const spans = this.waiting.splice(0, spanQueue.request);
      if (!(await this.deliver(spans))) this.options.onDropped(spans.length);
      if (!this.closing && this.waiting.length > 0 && this.waiting.length < spanQueue.request) return this.wait();
    }
  }

  /** Resolves to whether the collector took them. */
  private async deliver(spans: readonly Span[]): Promise<boolean> {
    const body = otlpJsonOf(spans, this.options.resource);
    for (let attempt = 1; ; attempt++) {
      const problem = await this.post(body);
      if (problem === undefined) {
        this.failures = 0;
        return true;
      }
      const again = problem.temporary && attempt < tries && !this.closing;
      if (!again) {
        // The first, and then few: a collector that is away for a night must not fill the disk with lines.
        if (this.failures % 100 === 0) this.logger.warn(`spans are dropped: ${problem.message}`);
        this.failures += 1;
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt).unref());
    }
  }

  private async post(body: string): Promise<{ message: string; temporary: boolean } | undefined> {
    try {
      const response = await fetch(this.options.url, {
        method: 'POST',
        headers: { ...this.options.headers, 'content-type': 'application/json' },
        body,
        // A redirect would take the headers, which may be credentials, to wherever it points.
        redirect: 'error',
        signal: AbortSignal.timeout(requestMs),
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      // OTLP 1.x, "Failures": these may be sent again.
      const temporary = [429, 502, 503, 504].includes(response.status);
      return { message: `the collector answers ${response.status}`, temporary };
    } catch (error) {
      return { message: `the collector cannot be reached (${nameOf(error)})`, temporary: true };
    }
  }
}

/** Without the address, in which some carry a key. */
function nameOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : error instanceof Error ? error.name : 'unknown';
}
