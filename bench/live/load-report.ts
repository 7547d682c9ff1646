/** Microseconds. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What the subscribers have seen since they were last asked to count anew. */
export interface LoadReport {
  readonly report: 'mark' | 'report' | 'second' | 'all-ready';
  /** Of the monotonic clock, in microseconds. */
  readonly us: number;
  readonly seconds: number;
  /** Of the load client itself. */
  readonly cpuSeconds: number;
  /** Members that are in their room now. */
  readonly ready: number;
  /** Members who lack what another of their room has seen, and how many events they lack together. */
  readonly behind: number;
  readonly behindEvents: number;
  readonly frames: number;
  readonly events: number;
  readonly bytes: number;
  readonly reads: number;
  readonly missing: number;
  readonly repeated: number;
  /** Seen on the second of two lines while a member moved. */
  readonly overlapping: number;
  /** Events that were due before the member was in its room. */
  readonly replayed: number;
  readonly reconnects: number;
  /** Connections that the server ended, or that broke. */
  readonly lost: number;
  readonly cut: number;
  readonly moved: number;
  readonly refused: number;
  readonly errors: number;
  readonly resets: number;
  /** From when an event was due to its arrival, of those that were due while the member was in its room. */
  readonly latency: Latencies;
  /** From the first packet of a reconnect to having what others of the room had by then. */
  readonly replay: Latencies;
  /** From the first packet of a connect to the accepted upgrade, and to being in the room. */
  readonly upgraded: Latencies;
  readonly joined: Latencies;
  /** From the loss of a connection to being in the room again. */
  readonly away: Latencies;
}
