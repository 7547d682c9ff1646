import { CqrsModule, type IQueryHandler, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RequireProject } from '#modules/access';
import { EventStore, MemoryEventStore, type NewEvent } from '#platform/event-store';
import { ListOutput, ListOutputHandler } from './list-output.ts';

const run = { projectId: 'shop', runId: 'r1' };
const testKey = 'k'.repeat(16);

@QueryHandler(RequireProject)
class EveryProjectExists implements IQueryHandler<RequireProject> {
  async execute(): Promise<void> {}
}

let module: TestingModule;
beforeEach(async () => {
  module = await Test.createTestingModule({
    imports: [CqrsModule.forRoot()],
    providers: [ListOutputHandler, EveryProjectExists, { provide: EventStore, useClass: MemoryEventStore }],
  }).compile();
  await module.init();
});
afterEach(async () => {
  await module.close();
});

const list = (after: number, limit: number, key = testKey) =>
  module.get(QueryBus).execute(new ListOutput(run, key, { after, limit }));

async function write(stream: string, events: readonly Pick<NewEvent, 'type' | 'data'>[]): Promise<void> {
  const numbered = events.map((event, at) => ({ ...event, eventId: crypto.randomUUID(), at: at + 1 }));
  await module.get(EventStore).append({ stream, events: numbered });
}
const piece = (seq: number, more: object = {}) => ({
  type: 'output',
  data: { stream: 'stdout', seq, text: `line ${seq}`, variant: '', shardId: '', rerun: 1, ...more },
});

it('gives output in the order in which it arrived, page by page', async () => {
  await write(`output:shop/r1/${testKey}`, [piece(0, { attempt: 1 }), piece(2), piece(1, { stream: 'stderr' })]);
  const first = await list(0, 2);
  expect(first).toEqual({
    epoch: 'memory.1',
    items: [
      { offset: 1, at: 1, stream: 'stdout', seq: 0, text: 'line 0', attempt: 1 },
      { offset: 2, at: 2, stream: 'stdout', seq: 2, text: 'line 2' },
    ],
    next: 2,
  });
  const second = await list(first.next!, 2);
  expect(second.items).toEqual([{ offset: 3, at: 3, stream: 'stderr', seq: 1, text: 'line 1' }]);
  expect(second.next).toBeNull();
  expect(await list(3, 2)).toMatchObject({ items: [], next: null });
});

it('is empty for a test that has written nothing, and unknown for a run that nobody knows', async () => {
  await expect(list(0, 10)).rejects.toMatchObject({ code: 'run.unknown' });
  await write('run:shop/r1', [{ type: 'run.started', data: {} }]);
  expect(await list(0, 10)).toMatchObject({ items: [], next: null });
});
