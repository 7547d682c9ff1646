import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { slotOf } from '#platform/event-store';
import { orderedReplays } from './parking-lot.sql.ts';
import { ProjectionEngine } from './projection-engine.ts';
import { Signal } from './signal.ts';

const everyMs = 500;

interface ParkingOrder {
  readonly projection: string;
  readonly stream: string;
  /** Where the stream is parked. */
  readonly firstVersion: number;
  readonly ordered: 'replay' | 'discard';
}

/** Carries out what an operator ordered of parked streams, wherever it was ordered: only here is the code that can. */
@Injectable()
export class ParkingOrders implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private stopped = false;
  private failing: ReadonlySet<string> = new Set();
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
      const failures = await this.look();
      // Said once: what cannot be done is tried again until it can, or until somebody orders something else.
      for (const failure of failures) if (!this.failing.has(failure)) this.logger.warn(failure);
      this.failing = new Set(failures);
    }
  }

  /** @returns what could not be done */
  private async look(): Promise<string[]> {
    try {
      const orders = await this.dataSource.query<ParkingOrder[]>(orderedReplays, [this.engine.names()]);
      const failures: string[] = [];
      for (const order of orders) failures.push(...(await this.tryOut(order)));
      return failures;
    } catch (error) {
      return [`cannot read orders about parked streams: ${String(error)}`];
    }
  }

  private async tryOut(order: ParkingOrder): Promise<string[]> {
    try {
      await this.carryOut(order);
      return [];
    } catch (error) {
      const { projection, stream, ordered } = order;
      return [`${projection}: cannot carry out the ${ordered} of ${stream}: ${String(error)}`];
    }
  }

  private async carryOut({ projection, stream, firstVersion, ordered }: ParkingOrder): Promise<void> {
    // Another process follows the slot, and reads the same order.
    if (!this.engine.writes(projection, slotOf(stream))) return;
    const options = { discard: ordered === 'discard', ordered: firstVersion };
    const { applied, failure, left } = await this.engine.replayParked(projection, stream, options);
    if (left === true) return;
    const end = failure === undefined ? 'is parked no more' : `is parked again at version ${failure.event.version}`;
    this.logger.log(`${projection}: ${ordered} of ${stream}, ${applied} events applied, it ${end}`);
  }
}
