import { Backoff } from '@testcast/client';
import type { Region, SimulatedGateway } from './simulated-gateway.ts';

/** Somebody who watches: in, or waiting to try again by the client's own backoff. */
export class SimulatedClient {
  gateway: SimulatedGateway | undefined;
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

  entered(gateway: SimulatedGateway): void {
    this.gateway = gateway;
    this.refusedSince = undefined;
    this.backoff = undefined;
  }
}
