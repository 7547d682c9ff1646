import { afterAll, beforeAll, expect, it } from 'vitest';
import { NodeGauge } from '#platform/cluster';
import { type MetricName, metrics } from '#platform/observability';
import { createDatabase, eventually } from '#platform/testing';
import { GatewayUnderTest } from '../access/support/gateway-under-test.ts';
import { SocketUnderTest } from '../access/support/socket.ts';

/** Stay at 0 while all goes well. */
const quietWhenWell: readonly MetricName[] = [
  'websocket_queued_bytes',
  'testcast_memory_level',
  // Nobody is silent for so long here that he would be pinged.
  'testcast_client_round_trip_ms',
  'testcast_room_hole_reads_total',
  'testcast_append_waiting',
  'testcast_append_waiting_bytes',
  'testcast_append_retries_total',
  'testcast_append_failures_total',
  'testcast_projection_lag_events',
  'testcast_projection_lag_ms',
  'testcast_projection_retries_total',
  'testcast_projection_stopped',
  'testcast_parked_streams',
  'testcast_run_erasure_failures_total',
  'testcast_trace_spans_dropped_total',
];
/** Counts what happens to runs that are old. */
const onlyWithTime: readonly MetricName[] = [
  'testcast_runs_exported_total',
  'testcast_run_export_bytes_total',
  'testcast_runs_erased_total',
];
const onlyInACluster: readonly MetricName[] = [
  'testcast_relay_lag_events',
  'testcast_replica_refusals_total',
  'testcast_cluster_moves_total',
  'testcast_cluster_last_rebalance_timestamp_seconds',
];

let gateway: GatewayUnderTest;
const sockets: SocketUnderTest[] = [];
beforeAll(async () => {
  gateway = await GatewayUnderTest.start(await createDatabase());
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await gateway?.stop();
});

async function open(token: string | undefined): Promise<SocketUnderTest | undefined> {
  const opened = await SocketUnderTest.open(`${gateway.origin.replace('http', 'ws')}/stream`, token);
  if (!(opened instanceof SocketUnderTest)) return undefined;
  sockets.push(opened);
  return opened;
}

/** Samples by the metric's name and suffix, those of all its labels together. */
async function samples(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  const sums = new Map<string, number>();
  for (const [, name, value] of (await response.text()).matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm)) {
    sums.set(name!, (sums.get(name!) ?? 0) + Number(value));
  }
  return sums;
}

it('every metric that is declared has a sample after some traffic, and those that count what happened have moved', async () => {
  const runId = await gateway.newRun();
  const watcher = (await open(gateway.adminKey))!;
  for (const room of [`run:shop/${runId}`, 'project:shop']) await watcher.request('room.subscribe', { room });
  await watcher.request('made.up', {});
  await open(undefined);
  (await open(gateway.adminKey))!.close();
  const items = [{ kind: 'test.finished', at: 1, testId: 'a', status: 'passed', durationMs: 1 }];
  await watcher.request('results.report', { projectId: 'shop', runId, items });

  const counting = (Object.keys(metrics) as MetricName[]).filter((name) => !onlyInACluster.includes(name));
  await eventually(async () => {
    const seen = new Map([...(await samples(gateway.origin)), ...(await samples(gateway.projector.url!))]);
    const valueOf = (name: MetricName) => seen.get(metrics[name].kind === 'histogram' ? `${name}_count` : name);
    expect(counting.filter((name) => valueOf(name) === undefined)).toEqual([]);
    const moving = counting.filter((name) => !quietWhenWell.includes(name) && !onlyWithTime.includes(name));
    const still = moving.filter((name) => valueOf(name) === 0);
    expect(still).toEqual([]);
  });
});

it('types of messages that clients make up do not become series', async () => {
  const socket = (await open(gateway.adminKey))!;
  for (let at = 0; at < 5; at++) await socket.request(`made.up.${at}`, {});
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(text).not.toContain('made.up');
  expect(text).toMatch(/websocket_request_seconds_count\{type="unknown"\} \d+/);
  expect(text).toMatch(/websocket_request_errors_total\{code="protocol.unknown-type"\} \d+/);
});

it('connections are told by server and region', async () => {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(text).toMatch(/websocket_active_connections\{server_id="[^"]+",region="local"\} \d+/);
});

it('a gateway whose event loop has no time left says so to the others, however many cores there are', () => {
  const gauge = gateway.app.get(NodeGauge);
  gauge.measure();
  const until = performance.now() + 100;
  while (performance.now() < until) Math.sqrt(until);
  expect(gauge.measure().cpu).toBeGreaterThan(0.9);
});

it('a gateway whose heap is full says so, to the others and in its metrics, however much the machine has', async () => {
  const small = await GatewayUnderTest.start(await createDatabase(), { MEMORY_LIMIT_MB: '64' });
  try {
    expect(small.app.get(NodeGauge).measure().memory).toBeGreaterThan(0.9);
    expect((await samples(small.origin)).get('websocket_server_memory')).toBeGreaterThan(90);
  } finally {
    await small.stop();
  }
});
