import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';
import { DatabaseWatch } from '#platform/database';
import type { RealtimeOptions } from '#platform/realtime';
import { DeliveryLatency } from './delivery-latency.ts';

/** What is observed with each reply and each write of a room. */
@Injectable()
export class RealtimeMetrics {
  constructor(
    @InjectMetric('websocket_request_seconds') private readonly requestSeconds: Histogram,
    @InjectMetric('websocket_request_errors_total') private readonly requestErrors: Counter,
    @InjectMetric('websocket_message_latency') private readonly latency: Histogram,
    private readonly deliveryLatency: DeliveryLatency,
    private readonly database: DatabaseWatch,
  ) {}

  get hooks(): Pick<RealtimeOptions, 'onHandled' | 'onDelivered'> {
    return {
      onHandled: (type, milliseconds, error) => {
        // Clients make up such types: each would be a series of its own, for ever.
        const label = error === 'protocol.unknown-type' ? 'unknown' : type;
        this.requestSeconds.observe({ type: label }, milliseconds / 1000);
        if (error !== undefined) this.requestErrors.inc({ code: error });
      },
      onDelivered: (events) => {
        // Events are dated by the database's clock.
        const now = Date.now() - this.database.clockAheadByMs;
        for (const { recordedAt } of events) {
          const milliseconds = Math.max(0, now - recordedAt);
          this.latency.observe(milliseconds);
          this.deliveryLatency.observe(milliseconds);
        }
      },
    };
  }
}
