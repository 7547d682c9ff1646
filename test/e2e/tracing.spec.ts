import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { Product } from './support/product.ts';
import { Socket, type Frame } from './support/socket.ts';
import { type CollectedSpan, TraceCollector } from './support/trace-collector.ts';

let collector: TraceCollector;
let product: Product;
let key: string;
beforeAll(async () => {
  collector = await TraceCollector.start();
  product = await Product.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=our%20tests',
    OTEL_TRACES_SAMPLER: 'always_on',
  });
  key = await product.adminKey();
});
afterAll(async () => {
  await product?.stop();
  await collector?.stop();
});

const passed = (testId: string) => ({ kind: 'test.finished', at: 1, testId, status: 'passed', durationMs: 1 });

it('the way of a result posted over HTTP is one trace, across gateway and projector', async () => {
  const pushes: Frame[] = [];
  const socket = await Socket.open(product.streamUrl, key, (frame) => pushes.push(frame));
  await socket.request('room.subscribe', { room: 'run:shop/traced' });
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const answer = await fetch(`${product.url}/v1/projects/shop/runs/traced/results`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      traceparent: `00-${caller.traceId}-${caller.spanId}-01`,
    },
    body: JSON.stringify([passed('cart › is empty')]),
  });
  expect(answer.status).toBe(200);
  const traceId = await eventually(() => traceOf(pushes, 'test.finished'));
  const way = ['POST results', 'command ReportResults', 'append', 'deliver', 'project runs'];
  await eventually(() => expect(collector.trace(traceId).map(({ name }) => name)).toEqual(expect.arrayContaining(way)));
  const [post, command, append, deliver, project] = way.map((name) => the(traceId, name));
  expect(post!.parentSpanId).toBeUndefined();
  expect(command!.parentSpanId).toBe(post!.spanId);
  expect(append!.parentSpanId).toBe(command!.spanId);
  expect([deliver!.parentSpanId, project!.parentSpanId]).toEqual([append!.spanId, append!.spanId]);
  expect([post, append, deliver, project].map((span) => span!.service)).toEqual([
    'testcast-gateway',
    'testcast-gateway',
    'testcast-gateway',
    'testcast-projector',
  ]);
  // In the order of the way, as one clock tells it.
  const begun = [post!, command!, append!, project!].map(({ startTimeUnixNano }) => Number(startTimeUnixNano));
  expect(begun).toEqual(begun.toSorted((a, b) => a - b));
  expect(Number(append!.endTimeUnixNano)).toBeLessThanOrEqual(Number(command!.endTimeUnixNano));
  expect(append!.attributes).toContainEqual({ key: 'testcast.stream', value: { stringValue: 'run:shop/traced' } });
  // The batch names its members, and they name it.
  const batch = collector.spans.find(({ spanId }) => spanId === append!.links[0]!.spanId)!;
  expect(batch.name).toBe('append batch');
  expect(batch.links.map(own)).toContainEqual(own(append!));
  // The caller's own trace has the request, which leads to the result's trace.
  const request = the(caller.traceId, 'POST results');
  expect(request).toMatchObject({ parentSpanId: caller.spanId });
  expect(request.links.map(own)).toContainEqual(own(post!));
  expect(post!.links.map(own)).toEqual([caller]);
  expect(collector.headers['x-tenant']).toBe('our tests');
  socket.cut();
});

it('a result sent over a socket has its trace too, and a repeat has no second one', async () => {
  const pushes: Frame[] = [];
  const socket = await Socket.open(product.streamUrl, key, (frame) => pushes.push(frame));
  await socket.request('room.subscribe', { room: 'run:shop/socket' });
  const report = { projectId: 'shop', runId: 'socket', items: [passed('a')] };
  await socket.request('results.report', report);
  await socket.request('results.report', report);
  const traceId = await eventually(() => traceOf(pushes, 'test.finished'));
  await eventually(() => the(traceId, 'project runs'));
  expect(the(traceId, 'results.report').spanId).toBe(the(traceId, 'command ReportResults').parentSpanId);
  expect(collector.trace(traceId).filter(({ name }) => name === 'append')).toHaveLength(1);
  socket.cut();
});

/** The id of the pushed event, without its dashes, is its trace. */
function traceOf(pushes: readonly Frame[], type: string): string {
  const events = pushes.flatMap((frame) => (frame['events'] ?? []) as { type: string; eventId: string }[]);
  const event = events.find((one) => one.type === type);
  if (event === undefined) throw new Error(`no ${type} has been pushed`);
  return event.eventId.replaceAll('-', '');
}

function the(traceId: string, name: string): CollectedSpan {
  const [span, ...others] = collector.trace(traceId).filter((one) => one.name === name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spans named ${name}`);
  return span;
}

const own = ({ traceId, spanId }: { traceId: string; spanId: string }) => ({ traceId, spanId });
