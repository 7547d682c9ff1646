import { Logger } from '@nestjs/common';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

interface Hooks {
  /** Spans have left the queue. */
  readonly onTaken: (count: number) => void;
  /** Spans were let go without having been taken. */
  readonly onDropped: (count: number) => void;
}

/** What the SDK does not tell: how many spans the collector has not taken, and, now and then, why. */
export class CountingExporter implements SpanExporter {
  private readonly logger = new Logger('Tracing');
  private failures = 0;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly hooks: Hooks,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.hooks.onTaken(spans.length);
    this.exporter.export(spans, (result) => {
      // A failure always has its error.
      if (result.error === undefined) this.failures = 0;
      else this.noteDropped(spans.length, result.error);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private noteDropped(count: number, error: unknown): void {
    this.hooks.onDropped(count);
    // The first, and then few: a collector that is away for a night must not fill the disk with lines.
    if (this.failures % 100 === 0) this.logger.warn(`spans are dropped: ${reasonOf(error)}`);
    this.failures += 1;
  }
}

/** Without the text of the error: it has the address, in which some carry a key, and what the collector has answered. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'number') return `the collector answers ${code}`;
  return typeof code === 'string' ? `the collector cannot be reached (${code})` : 'the collector did not take them';
}
