import { Backoff } from '@testcast/client';
import type { Region } from './region.ts';

/** The gateway that holds clients. */
export interface HolderOfClients {
  readonly clients: Set<SimulatedClient>;
}

/** Somebody who watches: in, or waiting to try again by the client's own backoff. */
export class SimulatedClient {
  gateway: HolderOfClients | undefined;
  /** Its place in the list that holds it. */
  at = -1;
  /** Second of the first answer 503 since it was last in. */
  refusedSince: number | undefined;
  private backoff: Backoff | undefined;

  constructor(readonly region: Region) {}

  /** Seconds until it tries again. */
  wait(random: () => number, atLeastMs = 0): number {
    this.backoff ??= new Backoff({ random });
    return this.backoff.next(atLeastMs) / 1000;
  }

  entered(gateway: HolderOfClients): void {
    this.gateway = gateway;
    this.refusedSince = undefined;
    this.backoff = undefined;
  }
}
