import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import type { IdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import { CountingExporter } from './counting-exporter.ts';
import { loadOpenTelemetry, type OpenTelemetry } from './open-telemetry.ts';
import type { CallerSpan } from './result-trace.ts';
import type { AttributeValue, Span, SpanKind, SpanLink } from './span.ts';

export interface SpanRecorderOptions {
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
/** For a request with its repetitions. */
const exportMs = 10_000;

const kinds = { internal: Kind.INTERNAL, server: Kind.SERVER, producer: Kind.PRODUCER, consumer: Kind.CONSUMER };

/** Hands out the ids that were derived from an event's. */
class GivenIds implements IdGenerator {
  next = { traceId: '', spanId: '' };
  generateTraceId = (): string => this.next.traceId;
  generateSpanId = (): string => this.next.spanId;
}

/** Sends spans that have ended to a collector in the background, by OpenTelemetry's SDK. Nobody waits for it, and it never throws. */
export class SpanRecorder {
  private readonly ids = new GivenIds();
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;
  private waiting = 0;
  private closing = false;

  private constructor(
    private readonly library: OpenTelemetry,
    private readonly options: SpanRecorderOptions,
  ) {
    const { AlwaysOnSampler, BatchSpanProcessor, TracerProvider, defaultResource, resourceFromAttributes } = library;
    this.provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes(options.resource)),
      idGenerator: this.ids,
      // Whoever makes a span has decided, by the id of the event, before it cost anything.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: this.newExporter(),
          maxQueueSize: spanQueue.spans,
          maxExportBatchSize: spanQueue.request,
          scheduledDelayMillis: options.everyMs ?? 1_000,
          exportTimeoutMillis: 2 * exportMs,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('testcast');
  }

  static async load(options: SpanRecorderOptions): Promise<SpanRecorder> {
    return new SpanRecorder(await loadOpenTelemetry(), options);
  }

  record({ traceId, spanId, name, kind, began, ended, attributes, links, error, ...rest }: Span): void {
    // The SDK would drop it as well, and tell nobody.
    if (this.closing || this.waiting >= spanQueue.spans) return this.options.onDropped(1);
    this.waiting += 1;
    this.ids.next = { traceId, spanId };
    const options = {
      kind: kinds[kind],
      startTime: began,
      attributes,
      links: links?.map(linkOf) ?? [],
    };
    const span = this.tracer.startSpan(name, options, contextOf(traceId, rest.parentSpanId, kind));
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(Math.max(began, ended));
  }

  /** Reads a `traceparent` header (W3C Trace Context, 3.2); undefined for what is none, which the standard wants ignored. */
  callerOf(traceparent: string | undefined): CallerSpan | undefined {
    const parsed = traceparent === undefined ? null : this.library.parseTraceParent(traceparent);
    if (parsed === null) return undefined;
    const { traceId, spanId, traceFlags } = parsed;
    return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
  }

  /** Sends what waits, at most for so many milliseconds. */
  async close(withinMs: number): Promise<void> {
    this.closing = true;
    const cut = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    // What it rejects with was counted.
    await Promise.race([this.provider.shutdown().catch(() => undefined), cut]);
  }

  private newExporter(): CountingExporter {
    const { url, headers, onDropped } = this.options;
    const exporter = new this.library.OTLPTraceExporter({
      url,
      headers,
      timeoutMillis: exportMs,
      // All that waits leaves at once when the process ends.
      concurrencyLimit: spanQueue.spans / spanQueue.request + 2,
    });
    return new CountingExporter(exporter, { onTaken: (count) => (this.waiting -= count), onDropped });
  }
}

function contextOf(traceId: string, parentSpanId: string | undefined, kind: SpanKind): Context {
  if (parentSpanId === undefined) return ROOT_CONTEXT;
  // Whatever is not inside of a process follows what a caller or another process did.
  const parent = { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: kind !== 'internal' };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

function linkOf({ traceId, spanId, sampled = true }: SpanLink): Link {
  return { context: { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE } };
}
