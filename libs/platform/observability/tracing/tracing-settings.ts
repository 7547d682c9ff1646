import { z } from 'zod';
import type { TracingOptions } from './tracing-options.ts';

/** OpenTelemetry's own names for how to sample; a parent counts for the caller's trace alone, whichever is chosen. */
const samplers = {
  always_on: () => 1,
  always_off: () => 0,
  traceidratio: (ratio: number) => ratio,
  parentbased_always_on: () => 1,
  parentbased_always_off: () => 0,
  parentbased_traceidratio: (ratio: number) => ratio,
};
const samplerNames = Object.keys(samplers) as [keyof typeof samplers];

/** Of results, where nothing is said: at 20,000 results a second about 200 traces a second. */
const usualRatio = 0.01;

/** How OpenTelemetry's settings are written, for the schemas of processes. */
export const tracingSettings = {
  endpoint: z
    .string()
    .refine(isCollector, 'must be a URL without credentials such as http://collector:4318')
    .optional(),
  headers: z
    .string()
    .transform(headersOf)
    .refine((headers) => headers !== undefined, 'must list headers such as name=value,other=value')
    .optional(),
  serviceName: z.string().max(200, 'must have at most 200 characters').optional(),
  sampler: z.enum(samplerNames, `must be one of ${samplerNames.join(', ')}`).optional(),
  ratio: z
    .string()
    .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, 'must be a share of results from 0 to 1 such as 0.01')
    .transform(Number)
    .optional(),
};

interface TracingSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Record<string, string> | undefined;
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_TRACES_SAMPLER?: keyof typeof samplers | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG?: number | undefined;
}

/** Undefined where no collector is set: nothing is traced. @param serviceName where none is set */
export function tracingOptionsOf(
  settings: TracingSettings,
  serviceName: string,
  instance: string,
): TracingOptions | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: sampler = 'traceidratio' } = settings;
  if (endpoint === undefined) return undefined;
  return {
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: settings.OTEL_SERVICE_NAME ?? serviceName,
    instance,
    ratio: samplers[sampler](settings.OTEL_TRACES_SAMPLER_ARG ?? usualRatio),
  };
}

function isCollector(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && search === '';
}

/** `name=value,other=value`, values percent-encoded, as OpenTelemetry has it. */
function headersOf(text: string): Record<string, string> | undefined {
  try {
    const pairs = text.split(',').map((pair) => /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(pair));
    const headers = new Headers(pairs.map((pair) => [pair![1]!, decodeURIComponent(pair![2]!)]));
    return Object.fromEntries(headers);
  } catch {
    return undefined;
  }
}
