import type { NodeLoad } from './cluster-node.ts';

/** What this server can say of its load. Port of the platform: sockets are counted by the realtime library. */
export abstract class NodeGauge {
  /** Shares and percentiles are since the last call. */
  abstract measure(): NodeLoad;
  /** Connections now, those being admitted included: may be asked at any time. */
  abstract connections(): number;
}
