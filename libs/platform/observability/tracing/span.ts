export type SpanKind = 'internal' | 'server' | 'producer' | 'consumer';
export type AttributeValue = string | number | boolean;

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  /** False where whoever made the span says that it keeps it not. */
  readonly sampled?: boolean | undefined;
}

/** A span that has ended. Times are epoch milliseconds with their fraction. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly began: number;
  readonly ended: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly links?: readonly SpanLink[] | undefined;
  /** Why it failed, where it did. */
  readonly error?: string | undefined;
}
