import type { ConnectedClient } from './connected-client.ts';

/** A subscriber, as its room sees it. */
export interface StreamMember {
  readonly connection: ConnectedClient;
  /** The room has moved. */
  resume(): void;
}
