import { expect, it } from 'vitest';
import { ConnectionPool } from './connection-pool.ts';
import { Drain } from './drain.ts';
import { memoryRooms } from './fixtures/memory-rooms.ts';
import { Migration, type MigrationTarget, MovedConnections, MovedConnectionsInMemory } from './migration/index.ts';

const pace = { drainBatch: 3, drainEveryMs: 1, drainMoveMs: 60, drainGraceMs: 20 };
const target: MigrationTarget = { serverId: 'b', startId: 'b-1', shared: false, url: 'ws://b/stream' };

/** A store that never answers, as one behind a network that is gone. */
class Silent extends MovedConnections {
  put(): Promise<void> {
    return new Promise(() => undefined);
  }
  take(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

function server(count: number, store: MovedConnections) {
  const { client } = memoryRooms();
  const pool = new ConnectionPool();
  const sockets = Array.from({ length: count }, () => {
    const { connection, socket } = client();
    pool.add(connection);
    return socket;
  });
  const reports: string[] = [];
  const migration = new Migration(store, 'a-1', Date.now, 1000);
  const drain = new Drain(pool, migration, pace, (what) => void reports.push(what));
  const told = (type: string) => sockets.filter(({ frames }) => frames.some((frame) => frame.type === type)).length;
  return { drain, told, reports, pool, migration, sockets };
}

it('a store that hangs keeps nobody from being told when to come back', async () => {
  const { drain, told } = server(5, new Silent());
  await drain.run(async () => target);
  expect(told('migrate')).toBe(0);
  expect(told('closing')).toBe(5);
});

it('those who have somewhere to go are moved although there is no place for the next', async () => {
  const { drain, told } = server(5, new MovedConnectionsInMemory());
  let places = 2;
  await drain.run(async () => (places-- > 0 ? target : undefined));
  expect(told('migrate')).toBe(2);
  // Here nobody goes by itself.
  expect(told('closing')).toBe(5);
});

it('a choice that fails is reported, and those are moved who had been chosen for', async () => {
  const { drain, told, reports } = server(5, new MovedConnectionsInMemory());
  let choices = 0;
  await drain.run(async () => {
    choices += 1;
    if (choices > 3) throw new Error('the registry is away');
    return target;
  });
  expect(told('migrate')).toBe(3);
  expect(reports).toEqual(['moving connections to other servers']);
});

it('tells those whom it moves until when it is there', async () => {
  const { drain, sockets } = server(1, new MovedConnectionsInMemory());
  await drain.run(async () => target);
  const asked = sockets[0]!.frames.find(({ type }) => type === 'migrate') as unknown as { deadlineMs: number };
  expect(asked.deadlineMs).toBeGreaterThan(0);
  expect(asked.deadlineMs).toBeLessThanOrEqual(pace.drainMoveMs);
});

it('waits for those who were asked to move before it began', async () => {
  const { drain, told, pool, migration } = server(3, new MovedConnectionsInMemory());
  const all = [...pool];
  await migration.move(all, target, 'for balance');
  const drained = drain.run(async () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told('closing')).toBe(0);
  for (const connection of all) pool.delete(connection);
  await drained;
  expect(told('closing')).toBe(0);
});
