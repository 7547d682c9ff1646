import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { slotOf } from '#platform/event-store';
import { orderedReplays } from './parking-lot.sql.ts';
import { ProjectionEngine } from './projection-engine.ts';
import { Signal } from './signal.ts';

const everyMs = 500;

/** Carries out what an operator ordered of parked streams, wherever it was ordered: only here is the code that can. */
@Injectable()
export class ParkingOrders implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private stopped = false;
  private failing = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly engine: ProjectionEngine,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.signal.give();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.signal.wait(everyMs);
      if (this.stopped) return;
      try {
        await this.look();
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.logger.warn(`cannot carry out orders about parked streams: ${String(error)}`);
        this.failing = true;
      }
    }
  }

  private async look(): Promise<void> {
    const orders = await this.dataSource.query<{ projection: string; stream: string; ordered: 'replay' | 'discard' }[]>(
      orderedReplays,
      [this.engine.names()],
    );
    for (const { projection, stream, ordered } of orders) {
      // Another process follows the slot, and reads the same order.
      if (!this.engine.follows(slotOf(stream))) continue;
      const { applied, failure } = await this.engine.replayParked(projection, stream, {
        discard: ordered === 'discard',
      });
      const end = failure === undefined ? 'is parked no more' : `is parked again at version ${failure.event.version}`;
      this.logger.log(`${projection}: ${ordered} of ${stream}, ${applied} events applied, it ${end}`);
    }
  }
}
