import { describe } from 'vitest';
import { eventStoreContract } from '#platform/testing';
import { MemoryEventStore } from './event-store.memory.ts';

describe('the event store in memory', () => {
  eventStoreContract(() => new MemoryEventStore());
});
