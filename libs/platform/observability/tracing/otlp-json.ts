import type { AttributeValue, Span, SpanKind } from './span.ts';

const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, producer: 4, consumer: 5 };
const statusError = 2;

/**
 * The body of `POST /v1/traces`: ExportTraceServiceRequest in OTLP's JSON (opentelemetry-proto 1.x: ids in hexadecimal,
 * names in camelCase, 64-bit numbers as text, enumerations as numbers).
 */
export function otlpJsonOf(spans: readonly Span[], resource: Readonly<Record<string, AttributeValue>>): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'testcast' }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({ traceId, spanId, parentSpanId, name, kind, began, ended, attributes, links = [], error }: Span) {
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanoseconds(began),
    endTimeUnixNano: nanoseconds(Math.max(began, ended)),
    attributes: attributesOf(attributes),
    links: links.map((link) => ({ ...link, attributes: [] })),
    status: error === undefined ? {} : { code: statusError, message: error },
  };
}

/** As text: nanoseconds since 1970 are above what a number holds exactly, microseconds are not. */
const nanoseconds = (milliseconds: number): string => `${Math.round(milliseconds * 1000)}000`;

function attributesOf(attributes: Readonly<Record<string, AttributeValue>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: AttributeValue) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
