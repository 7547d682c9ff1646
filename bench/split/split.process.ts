import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { Partitions } from '#platform/event-store';
import { answer } from '../support/in-child.ts';

export interface SplitOptions {
  readonly url: string;
  readonly partition: number;
}

export interface SplitResult {
  readonly slots: number;
  readonly rowsMoved: number;
  /** From the row that begins the move to its end; counting appends beforehand is left out. */
  readonly seconds: number;
  /** From the new table being there to the map saying so. */
  readonly flipMs: number;
  /** When each step was first and last told, in epoch milliseconds. */
  readonly steps: readonly StepTimes[];
}

export interface StepTimes {
  readonly step: string;
  readonly first: number;
  readonly last: number;
}

// The operator is a process of its own, as npm run store is.
answer(async ({ url, partition }: SplitOptions): Promise<SplitResult> => {
  const dataSource = await new DataSource(connectionOptions({ url, applicationName: 'operator' })).initialize();
  const at = new Map<string, number>();
  const first = new Map<string, number>();
  const partitions = new Partitions(dataSource, {
    onProgress: ({ step }) => {
      at.set(step, performance.now());
      if (!first.has(step)) first.set(step, performance.now());
    },
  });
  try {
    const { slots, rowsMoved } = await partitions.split(partition);
    return {
      slots: slots.length,
      rowsMoved,
      seconds: (at.get('finished')! - at.get('planned')!) / 1_000,
      flipMs: at.get('flipped')! - at.get('attached')!,
      steps: [...at].map(([step, last]) => ({
        step,
        first: performance.timeOrigin + first.get(step)!,
        last: performance.timeOrigin + last,
      })),
    };
  } finally {
    await dataSource.destroy();
  }
});
