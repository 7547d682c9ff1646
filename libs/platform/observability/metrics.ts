/** One metric as Prometheus shows it. Names end in their unit; labels are few and bounded. */
interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** The process that has it: in another it would stand at 0 and spoil averages over processes. */
  readonly of: 'gateway' | 'projector' | 'each';
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
  /** Where one process speaks for two: a gauge that cannot be summed. */
  readonly aggregator?: 'min' | 'max';
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric of Testcast, declared once. docs/reference/metrics.md describes them, and a test holds the two together. */
export const metrics = {
  websocket_active_connections: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Connections that are open, by server and region',
    labels: ['server_id', 'region'],
  },
  websocket_connections: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Connections that this process holds (scaling reads this one)',
  },
  websocket_message_latency: {
    kind: 'histogram',
    of: 'gateway',
    help: 'Milliseconds from the commit of an event to its write to the sockets of its room',
    buckets: [10, 50, 100, 200, 500, 1000, 2000],
  },
  websocket_server_cpu: {
    kind: 'gauge',
    of: 'gateway',
    help: 'CPU in use by this process since the last scrape, percent of the cores it may use, or of the time of its event loop where that is more',
  },
  websocket_server_memory: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Memory in use by this process, percent of what its container or the machine has, or of the heap at which it counts as full where that is more',
  },
  websocket_refused_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Upgrades that were refused, by error code',
    labels: ['code'],
  },
  websocket_closed_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Connections that have ended, by close code',
    labels: ['code'],
  },
  websocket_queued_bytes: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Bytes that wait for clients that are slower than their rooms',
  },
  websocket_request_seconds: {
    kind: 'histogram',
    of: 'gateway',
    help: 'Seconds from the arrival of a message to its reply',
    labels: ['type'],
    buckets: seconds,
  },
  websocket_request_errors_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Messages that were answered with an error, by error code',
    labels: ['code'],
  },
  testcast_cluster_nodes: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Gateways as this one sees them: up, itself included, draining or lost',
    labels: ['state'],
  },
  testcast_cluster_registry_up: {
    kind: 'gauge',
    of: 'gateway',
    help: '1 when the registry of gateways answered the last time; else the last known map serves',
  },
  testcast_cluster_leader: {
    kind: 'gauge',
    of: 'gateway',
    help: '1 at the gateway that decides who moves where, else 0',
  },
  testcast_cluster_moves_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Connections that this gateway ordered to move, and those of its own that moved or failed to, by reason',
    labels: ['reason', 'outcome'],
  },
  testcast_cluster_last_rebalance_timestamp_seconds: {
    kind: 'gauge',
    of: 'gateway',
    help: 'When this gateway last ordered connections to move, Unix time; 0 when it has not since its start',
  },
  testcast_client_round_trip_ms: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Milliseconds that a WebSocket ping takes to a client and back, the median of the last minute; 0 when nobody was pinged',
  },
  testcast_memory_level: {
    kind: 'gauge',
    of: 'gateway',
    help: 'What is done about memory: 0 nothing, 1 caches are given up, 2 newcomers are refused, 3 connections are asked to leave',
  },
  testcast_rooms: {
    kind: 'gauge',
    of: 'gateway',
    help: 'Rooms that somebody in this process is in, or was a moment ago',
  },
  testcast_room_subscribers: { kind: 'gauge', of: 'gateway', help: 'Subscriptions to rooms in this process' },
  testcast_deliveries_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Events written to sockets: one event at one socket counts one',
  },
  testcast_room_hole_reads_total: {
    kind: 'counter',
    of: 'gateway',
    help: 'Reads of the store because a room missed an event',
  },
  testcast_append_batch_events: {
    kind: 'histogram',
    of: 'each',
    help: 'Events that one append batch has added to the log',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
  },
  testcast_append_seconds: {
    kind: 'histogram',
    of: 'each',
    help: 'Seconds from an append to its answer',
    buckets: seconds,
  },
  testcast_append_waiting: { kind: 'gauge', of: 'each', help: 'Appends that have not been answered yet' },
  testcast_append_waiting_bytes: {
    kind: 'gauge',
    of: 'each',
    help: 'Bytes of the appends that have not been answered yet',
  },
  testcast_append_retries_total: { kind: 'counter', of: 'each', help: 'Append batches that were tried again' },
  testcast_log_reads_total: {
    kind: 'counter',
    of: 'each',
    help: 'Reads of streams and slots of the log, by who answered: primary or replica',
    labels: ['source'],
  },
  testcast_replica_refusals_total: {
    kind: 'counter',
    of: 'each',
    help: 'Answers of replicas that were not taken, by replica and reason: behind, epoch or failed',
    labels: ['replica', 'reason'],
  },
  testcast_append_failures_total: { kind: 'counter', of: 'each', help: 'Append batches that were given up' },
  testcast_projection_lag_events: {
    kind: 'gauge',
    of: 'projector',
    help: 'Events of the log that a projection has not read',
    labels: ['projection'],
  },
  testcast_projection_lag_ms: {
    kind: 'gauge',
    of: 'projector',
    help: 'Milliseconds that the oldest event which a projection has not read has waited since its append',
    labels: ['projection'],
  },
  testcast_projection_rebuild_ratio: {
    kind: 'gauge',
    of: 'projector',
    help: 'How much of the log a rebuild of the projection has read, 0 to 1; 1 when none is under way',
    labels: ['projection'],
  },
  testcast_projection_batch_events: {
    kind: 'histogram',
    of: 'projector',
    help: 'Events of one projection batch, those of types it does not handle included',
    labels: ['projection'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000],
  },
  testcast_projection_batch_seconds: {
    kind: 'histogram',
    of: 'projector',
    help: 'Seconds of one projection transaction that was committed',
    labels: ['projection'],
    buckets: seconds,
  },
  testcast_projection_retries_total: {
    kind: 'counter',
    of: 'projector',
    help: 'Projection batches tried again for a reason that lies outside their events',
    labels: ['projection'],
  },
  testcast_projection_stopped: {
    kind: 'gauge',
    of: 'projector',
    help: '1 when a projection stopped because it parked too many streams',
    labels: ['projection'],
  },
  testcast_parked_streams: {
    kind: 'gauge',
    of: 'projector',
    help: 'Streams that a projection has set aside because of an event that it cannot apply',
    labels: ['projection'],
  },
  testcast_runs_exported_total: { kind: 'counter', of: 'projector', help: 'Runs whose export file has been written' },
  testcast_run_export_bytes_total: {
    kind: 'counter',
    of: 'projector',
    help: 'Bytes of the export files that have been written, compressed',
  },
  testcast_runs_erased_total: { kind: 'counter', of: 'projector', help: 'Runs of which no data is left' },
  testcast_run_erasure_failures_total: {
    kind: 'counter',
    of: 'projector',
    help: 'Times that a run could not be exported or erased, and was put off',
  },
  testcast_relay_lag_events: {
    kind: 'gauge',
    of: 'projector',
    help: 'Events of the log that the relay has not published, by partition of the topic; only with Kafka',
    labels: ['partition'],
  },
  testcast_projector_cpu: {
    kind: 'gauge',
    of: 'projector',
    help: 'CPU in use by the projector since the last scrape, percent of the cores it may use, or of the time of its event loop where that is more',
  },
  testcast_projector_memory: {
    kind: 'gauge',
    of: 'projector',
    help: 'Memory in use by the projector, percent of what its container or the machine has, or of the heap that it is given where that is more',
  },
  testcast_database_up: {
    kind: 'gauge',
    of: 'each',
    help: '1 while PostgreSQL answers this process; 0 after five seconds without an answer, in which the process is not ready',
    aggregator: 'min',
  },
  testcast_clock_ahead_ms: {
    kind: 'gauge',
    of: 'each',
    help: 'Milliseconds by which the clock of this process is ahead of the one of PostgreSQL, below 0 when it is behind',
    aggregator: 'max',
  },
  testcast_trace_spans_dropped_total: {
    kind: 'counter',
    of: 'each',
    help: 'Spans of traces that the collector has not taken, or that were too many to wait for it',
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type MetricName = keyof typeof metrics;
