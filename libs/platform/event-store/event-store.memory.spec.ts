import { describe } from 'vitest';
import { eventStoreContract, eventStoreModelContract, type LogUnderModel } from '#platform/testing';
import { MemoryEventStore } from './event-store.memory.ts';
import type { Append, EventOutcome, Heads } from './event-store.ts';

describe('the event store in memory', () => {
  eventStoreContract(() => new MemoryEventStore());
  eventStoreModelContract(async () => memoryUnderModel(), { runs: 60, shrink: true });
});

/** Asks once more where an answer is to be lost, as a store does whose connection was cut. */
class ForgetfulStore extends MemoryEventStore {
  private lose: (() => void) | undefined;

  override append(append: Append): Promise<EventOutcome[]> {
    return this.answer(() => super.append(append));
  }

  override heads(): Promise<Heads> {
    return this.answer(() => super.heads());
  }

  private answer<T>(ask: () => Promise<T>): Promise<T> {
    const { lose } = this;
    if (lose === undefined) return ask();
    this.lose = undefined;
    lose();
    const lost = ask();
    const again = ask();
    return Promise.allSettled([lost]).then(() => again);
  }

  loseAnswer(): () => boolean {
    let isLost = false;
    this.lose = () => (isLost = true);
    return () => isLost;
  }
}

/** Nothing of it can be moved, and it has no connections. */
function memoryUnderModel(): LogUnderModel {
  const store = new ForgetfulStore();
  const nothing = async (): Promise<void> => {};
  return {
    nodes: [store],
    twoSlots: async () => [17, 42],
    mover: () => ({ isRunning: false, begin: nothing, step: nothing, kill: nothing, finish: nothing }),
    loseAnswer: () => store.loseAnswer(),
    cut: () => undefined,
    verify: async () => [],
    close: nothing,
  };
}
