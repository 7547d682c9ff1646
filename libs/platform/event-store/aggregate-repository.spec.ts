import { describe, expect, it } from 'vitest';
import { DomainError, derivedId } from '#platform/kernel';
import { anyEvent } from '#platform/testing';
import { AggregateRepository } from './aggregate-repository.ts';
import { MemoryEventStore } from './event-store.memory.ts';
import { type FoldedEvent, StoredAggregate } from './stored-aggregate.ts';

class Door extends StoredAggregate {
  opened = 0;

  constructor(readonly stream: string) {
    super();
  }

  open(key: string, at = 1): void {
    this.raise({ eventId: derivedId(this.stream, key), type: 'door.opened', at, data: { key } });
  }

  protected evolve(event: FoldedEvent): void {
    if (event.type === 'door.opened') this.opened++;
  }
}

function newTestHouse() {
  const store = new MemoryEventStore();
  const repository = new AggregateRepository(store);
  const door = (): Door => new Door('door:front');
  return { store, repository, door };
}

describe('the aggregate repository', () => {
  it('stores what was raised, and folds it the next time', async () => {
    const { repository, door, store } = newTestHouse();
    const first = await repository.update(door, (one) => one.open('a'));
    expect(first.outcomes).toMatchObject([{ status: 'appended', version: 1 }]);
    expect(first.aggregate).toMatchObject({ opened: 1, guard: 1, version: 1 });
    expect(first.aggregate.raised()).toEqual([]);
    await store.append({ stream: 'door:front', events: [anyEvent(), anyEvent()] });
    const second = await repository.update(door, (one) => {
      expect(one).toMatchObject({ opened: 1, guard: 1, version: 3 });
      one.open('b');
    });
    expect(second.aggregate).toMatchObject({ opened: 2, guard: 4, version: 4 });
  });

  it('appends nothing when nothing was decided', async () => {
    const { repository, door, store } = newTestHouse();
    expect((await repository.update(door, () => undefined)).outcomes).toEqual([]);
    expect((await store.readStream('door:front', 0)).version).toBe(0);
  });

  it('decides anew when another process was faster', async () => {
    const { repository, door, store } = newTestHouse();
    const elsewhere = new AggregateRepository(store);
    let decisions = 0;
    await repository.update(door, async (one) => {
      if (++decisions === 1) await elsewhere.update(door, (other) => other.open('elsewhere'));
      one.open(`after ${one.opened}`);
    });
    expect(decisions).toBe(2);
    const { events } = await store.readLifecycle('door:front');
    expect(events.map(({ dataJson }) => dataJson)).toEqual(['{"key":"elsewhere"}', '{"key":"after 1"}']);
  });

  it('is not disturbed by results when it expects the guard, and is when it expects the version', async () => {
    const { repository, door, store } = newTestHouse();
    const decisions = { guard: 0, version: 0 };
    for (const expect of ['guard', 'version'] as const) {
      await repository.update(
        door,
        async (one) => {
          if (++decisions[expect] === 1) await store.append({ stream: 'door:front', events: [anyEvent()] });
          one.open(expect);
        },
        { expect },
      );
    }
    expect(decisions).toEqual({ guard: 1, version: 2 });
  });

  it('gives up with the code it was given when others are always faster', async () => {
    const { repository, door, store } = newTestHouse();
    let others = 0;
    const update = repository.update(
      door,
      async (one) => {
        const event = anyEvent({ lifecycle: true });
        await store.append({ stream: 'door:front', events: [event] });
        others++;
        one.open('never');
      },
      { attempts: 3, conflict: 'run.already-ended' },
    );
    await expect(update).rejects.toMatchObject({ code: 'run.already-ended' });
    expect(others).toBe(3);
  });

  it('lets updates of a stream take turns, also after one that failed', async () => {
    const { repository, door } = newTestHouse();
    let decisions = 0;
    const updates = Array.from({ length: 50 }, (_, index) =>
      repository.update(door, (one) => {
        decisions++;
        if (index === 7) throw new DomainError('run.already-ended');
        one.open(String(index));
      }),
    );
    const settled = await Promise.allSettled(updates);
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(decisions).toBe(50);
    expect((await repository.update(door, () => undefined)).aggregate.opened).toBe(49);
  });

  it('answers a repeat as a duplicate', async () => {
    const { repository, door } = newTestHouse();
    await repository.update(door, (one) => one.open('a'));
    const again = await repository.update(door, (one) => one.open('a', 2));
    expect(again.outcomes).toMatchObject([{ status: 'duplicate', version: 1 }]);
  });
});
