import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import type { Span } from './span.ts';
import { SpanRecorder, spanQueue } from './span-recorder.ts';

interface Body {
  readonly resourceSpans: {
    readonly resource: { readonly attributes: unknown[] };
    readonly scopeSpans: { readonly spans: Record<string, unknown>[] }[];
  }[];
}

/** A collector that answers with these codes in turn, and then 200; `undefined`: not at all. */
let answers: (number | undefined)[];
let bodies: Body[];
let requests: number;
let authorization: string | undefined;
let server: Server;
let dropped: number;
let logged: string[];
const recorders: SpanRecorder[] = [];
beforeEach(async () => {
  [answers, bodies, requests, dropped, logged, authorization] = [[], [], 0, 0, [], undefined];
  const warn = (message: unknown): void => void logged.push(String(message));
  Logger.overrideLogger({ log: warn, error: warn, warn });
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      requests += 1;
      authorization = request.headers.authorization;
      const status = answers.length === 0 ? 200 : answers.shift();
      if (status === undefined) return;
      if (status === 200) bodies.push(JSON.parse(body) as Body);
      response.writeHead(status, status === 307 ? { location: '/elsewhere' } : {}).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await Promise.all(recorders.splice(0).map((recorder) => recorder.close(0)));
  await new Promise((resolve) => server.close(resolve));
  Logger.overrideLogger(false);
});

async function newRecorder(url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`) {
  const recorder = await SpanRecorder.load({
    url,
    headers: { authorization: 'Bearer secret' },
    resource: { 'service.name': 'testcast-gateway', 'service.instance.id': 'gateway-1' },
    everyMs: 5,
    onDropped: (count) => (dropped += count),
  });
  recorders.push(recorder);
  return recorder;
}

const received = () => bodies.flatMap((body) => body.resourceSpans[0]!.scopeSpans[0]!.spans);

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'append',
  kind: 'internal',
  began: 1_795_573_551_847.25,
  ended: 1_795_573_551_848.5,
  attributes: { 'testcast.stream': 'run:shop/1', 'testcast.offset': 7, ratio: 0.5, late: true },
  links: [{ traceId: 'ababb5abfd7baa919a157f998214b7ca', spanId: '606f6aa31e01d6e6' }],
  error: 'cut off',
};

describe('spans on their way to a collector', () => {
  it('have the ids and the times that they were given', async () => {
    (await newRecorder()).record(span);
    await eventually(() => expect(received()).toHaveLength(1));
    expect(received()[0]).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      name: 'append',
      kind: 1,
      startTimeUnixNano: '1795573551847250000',
      endTimeUnixNano: '1795573551848500000',
      attributes: [
        { key: 'testcast.stream', value: { stringValue: 'run:shop/1' } },
        { key: 'testcast.offset', value: { intValue: 7 } },
        { key: 'ratio', value: { doubleValue: 0.5 } },
        { key: 'late', value: { boolValue: true } },
      ],
      links: [{ traceId: 'ababb5abfd7baa919a157f998214b7ca', spanId: '606f6aa31e01d6e6' }],
      status: { code: 2, message: 'cut off' },
    });
    expect(bodies[0]!.resourceSpans[0]!.resource.attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'testcast-gateway' } },
        { key: 'service.instance.id', value: { stringValue: 'gateway-1' } },
        { key: 'telemetry.sdk.name', value: { stringValue: 'opentelemetry' } },
      ]),
    );
    expect(authorization).toBe('Bearer secret');
  });

  it('begin a trace without a parent, and are of the kind that they were told', async () => {
    const recorder = await newRecorder();
    const kinds = ['internal', 'server', 'producer', 'consumer'] as const;
    for (const kind of kinds) recorder.record({ ...span, parentSpanId: undefined, kind, error: undefined });
    await eventually(() => expect(received()).toHaveLength(4));
    expect(received().map(({ kind }) => kind)).toEqual([1, 2, 4, 5]);
    expect(received().every(({ traceId, parentSpanId }) => traceId === span.traceId && !parentSpanId)).toBe(true);
  });

  it('come again after an answer that is temporary', async () => {
    answers = [503];
    (await newRecorder()).record(span);
    await eventually(() => expect(received()).toHaveLength(1));
    expect([requests, dropped]).toEqual([2, 0]);
  });

  it.each([400, 307])('are dropped, counted and told of once, after an answer that is final: %d', async (status) => {
    answers = [status, status];
    const recorder = await newRecorder();
    for (const count of [1, 2]) {
      recorder.record(span);
      await eventually(() => expect(dropped).toBe(count));
    }
    recorder.record(span);
    await eventually(() => expect(received()).toHaveLength(1));
    expect(logged).toEqual([`spans are dropped: the collector answers ${status}`]);
  });

  it('wait within bounds while nobody takes them', async () => {
    const recorder = await newRecorder('http://127.0.0.1:9/v1/traces');
    for (let count = 0; count < spanQueue.spans + spanQueue.request + 10; count++) recorder.record(span);
    // A request of them may have left the queue.
    expect(dropped).toBeGreaterThanOrEqual(10);
  });

  it('leave before the process does', async () => {
    const recorder = await newRecorder();
    for (let count = 0; count < spanQueue.spans; count++) recorder.record(span);
    await recorder.close(5_000);
    expect(received()).toHaveLength(spanQueue.spans);
    recorder.record(span);
    expect(dropped).toBe(1);
  });

  it('do not keep the process when the collector does not answer', async () => {
    answers = [undefined];
    const recorder = await newRecorder();
    recorder.record(span);
    const began = performance.now();
    await recorder.close(50);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a traceparent header', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  it.each([
    [`00-${traceId}-b7ad6b7169203331-01`, { traceId, spanId: 'b7ad6b7169203331', sampled: true }],
    [`00-${traceId}-b7ad6b7169203331-00`, { traceId, spanId: 'b7ad6b7169203331', sampled: false }],
    [`cc-${traceId}-b7ad6b7169203331-01-what-comes-later`, { traceId, spanId: 'b7ad6b7169203331', sampled: true }],
    [undefined, undefined],
    ['', undefined],
    [`ff-${traceId}-b7ad6b7169203331-01`, undefined],
    [`00-${traceId}-b7ad6b7169203331-01-more`, undefined],
    [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, undefined],
    [`00-${traceId}-${'0'.repeat(16)}-01`, undefined],
    [`00-${traceId.toUpperCase()}-b7ad6b7169203331-01`, undefined],
  ])('%s', async (header, caller) => {
    expect((await newRecorder()).callerOf(header)).toEqual(caller);
  });
});
