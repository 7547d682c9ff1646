import { expect, it } from 'vitest';
import { RoomRegistry } from '#platform/realtime';
import { OutputRoom } from './output.room.ts';

it('there is a room for the output of each test, and one for what belongs to none', () => {
  const registry = new RoomRegistry();
  const room = new OutputRoom(registry);
  expect(room).toBeDefined();
  const { projectOf, kind } = registry.resolve('output:shop/r1/_').room;
  expect([kind, projectOf({ projectId: 'shop' })]).toEqual(['stream', 'shop']);
  expect(registry.resolve(`output:shop/r1/${'k'.repeat(16)}`).params).toMatchObject({ runId: 'r1' });
  for (const name of ['output:shop/r1', 'output:shop/r1/short', 'output:NO/r1/_', 'output:shop/a b/_']) {
    expect(() => registry.resolve(name)).toThrowError(expect.objectContaining({ code: 'room.unknown' }) as Error);
  }
});
