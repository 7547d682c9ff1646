/**
 * OpenTelemetry's SDK: ten packages, which only processes that trace pay for with a longer start. `scripts/bundle.mjs` leaves
 * them outside, and what is behind a static import would be loaded by every process.
 */
export async function loadOpenTelemetry() {
  const [
    { parseTraceParent },
    { OTLPTraceExporter },
    { defaultResource, resourceFromAttributes },
    { AlwaysOnSampler, BatchSpanProcessor, TracerProvider },
  ] = await Promise.all([
    import('@opentelemetry/core'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
  ]);
  return {
    parseTraceParent,
    OTLPTraceExporter,
    defaultResource,
    resourceFromAttributes,
    AlwaysOnSampler,
    BatchSpanProcessor,
    TracerProvider,
  };
}

export type OpenTelemetry = Awaited<ReturnType<typeof loadOpenTelemetry>>;
