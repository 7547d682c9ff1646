import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import type { Span } from './span.ts';
import { SpanExporter, spanQueue } from './span-exporter.ts';

/** A collector that answers with these codes in turn, and then 200. */
let answers: number[];
let bodies: { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] }[];
let server: Server;
let dropped: number;
beforeEach(async () => {
  Logger.overrideLogger(false);
  [answers, bodies, dropped] = [[], [], 0];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const status = answers.shift() ?? 200;
      if (status === 200) bodies.push(JSON.parse(body) as (typeof bodies)[number]);
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function newExporter(url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`) {
  const resource = { 'service.name': 'testcast-gateway' };
  return new SpanExporter({ url, headers: {}, resource, everyMs: 5, onDropped: (count) => (dropped += count) });
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
  it('are told as OTLP wants them in JSON', async () => {
    newExporter().add(span);
    await eventually(() => expect(received()).toHaveLength(1));
    expect(received()[0]).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      name: 'append',
      kind: 1,
      startTimeUnixNano: '1795573551847250000',
      endTimeUnixNano: '1795573551848500000',
      attributes: [
        { key: 'testcast.stream', value: { stringValue: 'run:shop/1' } },
        { key: 'testcast.offset', value: { intValue: '7' } },
        { key: 'ratio', value: { doubleValue: 0.5 } },
        { key: 'late', value: { boolValue: true } },
      ],
      links: [{ traceId: 'ababb5abfd7baa919a157f998214b7ca', spanId: '606f6aa31e01d6e6', attributes: [] }],
      status: { code: 2, message: 'cut off' },
    });
  });

  it('come again after an answer that is temporary', async () => {
    answers = [503];
    newExporter().add(span);
    await eventually(() => expect(received()).toHaveLength(1));
    expect(dropped).toBe(0);
  });

  it('are dropped, and counted, after one that is not', async () => {
    answers = [400];
    const exporter = newExporter();
    exporter.add(span);
    await eventually(() => expect(dropped).toBe(1));
    exporter.add(span);
    await eventually(() => expect(received()).toHaveLength(1));
  });

  it('wait within bounds while nobody takes them', () => {
    const exporter = newExporter('http://127.0.0.1:9/v1/traces');
    for (let count = 0; count < spanQueue.spans + spanQueue.request + 10; count++) exporter.add(span);
    expect(dropped).toBeGreaterThanOrEqual(10);
  });

  it('leave before the process does', async () => {
    const exporter = newExporter();
    exporter.add(span);
    await exporter.close(5_000);
    expect(received()).toHaveLength(1);
    exporter.add(span);
    expect(dropped).toBe(1);
  });
});
