/** One metric as Prometheus shows it. Names end in their unit; labels are few and bounded. */
interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric of Testcast, declared once. docs/reference/metrics.md describes them, and a test holds the two together. */
export const metrics = {
  websocket_active_connections: {
    kind: 'gauge',
    help: 'Connections that are open, by server and region',
    labels: ['server_id', 'region'],
  },
  websocket_connections: { kind: 'gauge', help: 'Connections that this process holds (scaling reads this one)' },
  websocket_message_latency: {
    kind: 'histogram',
    help: 'Milliseconds from the commit of an event to its write to a socket',
    buckets: [10, 50, 100, 200, 500, 1000, 2000],
  },
  websocket_server_cpu: { kind: 'gauge', help: 'CPU in use by this process, percent of the cores it may use' },
  websocket_server_memory: { kind: 'gauge', help: 'Memory in use by this process, percent of its limit' },
  websocket_refused_total: { kind: 'counter', help: 'Upgrades that were refused, by error code', labels: ['code'] },
  websocket_closed_total: {
    kind: 'counter',
    help: 'Connections that the server closed, by close code',
    labels: ['code'],
  },
  testcast_room_subscribers: { kind: 'gauge', help: 'Subscriptions to rooms in this process' },
  testcast_deliveries_total: { kind: 'counter', help: 'Events written to sockets: one event at one socket counts one' },
  testcast_frames_total: { kind: 'counter', help: 'Frames written to sockets' },
  testcast_room_hole_reads_total: { kind: 'counter', help: 'Reads of the store because a room missed an event' },
  testcast_append_batch_events: {
    kind: 'histogram',
    help: 'Events of one append batch',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
  },
  testcast_append_seconds: { kind: 'histogram', help: 'Seconds from an append to its answer', buckets: seconds },
  testcast_append_waiting_events: { kind: 'gauge', help: 'Events that wait for a lane of the group commit' },
  testcast_append_retries_total: { kind: 'counter', help: 'Append batches that were tried again', labels: ['reason'] },
  testcast_projection_lag_events: {
    kind: 'gauge',
    help: 'Events of the log that a projection has not read',
    labels: ['projection'],
  },
  testcast_projection_batch_events: {
    kind: 'histogram',
    help: 'Events of one projection batch, those of types it does not handle included',
    labels: ['projection'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000],
  },
  testcast_projection_batch_seconds: {
    kind: 'histogram',
    help: 'Seconds of one projection transaction that was committed',
    labels: ['projection'],
    buckets: seconds,
  },
  testcast_projection_retries_total: {
    kind: 'counter',
    help: 'Projection batches tried again for a reason that lies outside their events',
    labels: ['projection'],
  },
  testcast_projection_stopped: {
    kind: 'gauge',
    help: '1 when a projection stopped because it parked too many streams',
    labels: ['projection'],
  },
  testcast_parked_streams: {
    kind: 'gauge',
    help: 'Streams that a projection has set aside because of an event that it cannot apply',
    labels: ['projection'],
  },
  testcast_relay_lag_events: {
    kind: 'gauge',
    help: 'Events of the log that the relay has not published, by partition',
    labels: ['partition'],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type MetricName = keyof typeof metrics;
