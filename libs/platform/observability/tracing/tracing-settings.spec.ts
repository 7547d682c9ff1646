import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tracingOptionsOf, tracingSettings } from './tracing-settings.ts';

const schema = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: tracingSettings.endpoint,
  OTEL_EXPORTER_OTLP_HEADERS: tracingSettings.headers,
  OTEL_SERVICE_NAME: tracingSettings.serviceName,
  OTEL_TRACES_SAMPLER: tracingSettings.sampler,
  OTEL_TRACES_SAMPLER_ARG: tracingSettings.ratio,
});
const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const optionsOf = (environment: Record<string, string>) =>
  tracingOptionsOf(schema.parse({ ...collector, ...environment }), 'testcast-gateway', 'gateway-1')!;

describe('settings of traces', () => {
  it('say nothing: nothing is traced', () => {
    expect(
      tracingOptionsOf(schema.parse({ OTEL_SERVICE_NAME: 'tests' }), 'testcast-gateway', 'gateway-1'),
    ).toBeUndefined();
  });

  it.each([
    [{}, 0.01],
    [{ OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_TRACES_SAMPLER_ARG: '1' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, 1],
  ])('%j trace a share of %d', (environment, ratio) => {
    expect(optionsOf(environment).ratio).toBe(ratio);
  });

  it('name the collector and what is sent with spans', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318/otlp/',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20secret, x-tenant = shop',
      OTEL_SERVICE_NAME: 'tests',
    };
    expect(optionsOf(environment)).toEqual({
      url: 'https://collector:4318/otlp/v1/traces',
      headers: { authorization: 'Bearer secret', 'x-tenant': 'shop' },
      serviceName: 'tests',
      instance: 'gateway-1',
      ratio: 0.01,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:secret@collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no pair'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%zz'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=x%0d%0ay: z'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', '-1'],
  ])('%s may not be %s', (name, value) => {
    const { success, error } = schema.safeParse({ [name]: value });
    expect(success).toBe(false);
    expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
  });
});
