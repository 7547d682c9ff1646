import { expect, it } from 'vitest';
import { FlushPace } from './flush-pace.ts';
import { type Flushable, FlushQueue } from './flush-queue.ts';

const atOnce = () => new FlushPace(() => 0);
const turn = () => new Promise((resolve) => setImmediate(resolve));

function room(flush: Flushable['flush']): Flushable {
  return { lastFlushAt: 0, flush };
}

it('writes a room once for all that came in one turn', async () => {
  const queue = new FlushQueue(atOnce());
  let flushes = 0;
  const busyRoom = room(() => {
    flushes += 1;
    return true;
  });
  for (let event = 0; event < 5; event++) queue.add(busyRoom);
  await turn();
  await turn();
  expect(flushes).toBe(1);
});

it('goes on with a room that was not finished before it writes another, and lets others have a turn between', async () => {
  const queue = new FlushQueue(atOnce());
  const log: string[] = [];
  let rest = 3;
  queue.add(
    room(() => {
      log.push('large');
      rest -= 1;
      return rest === 0;
    }),
  );
  queue.add(room(() => log.push('small') > 0));
  for (let turns = 0; turns < 5; turns++) {
    await turn();
    log.push('turn');
  }
  expect(log.filter((entry) => entry !== 'turn')).toEqual(['large', 'large', 'large', 'small']);
  expect(log.slice(0, 5)).toEqual(['large', 'turn', 'large', 'turn', 'large']);
});

it('puts rooms off when their turn is used up', async () => {
  const queue = new FlushQueue(atOnce());
  const written: string[] = [];
  for (const name of ['first', 'second']) {
    queue.add(
      room((_now, until) => {
        while (performance.now() < until);
        return written.push(name) > 0;
      }),
    );
  }
  await turn();
  expect(written).toEqual(['first']);
  await turn();
  expect(written).toEqual(['first', 'second']);
});

it('writes nothing more after it was stopped', async () => {
  const queue = new FlushQueue(atOnce());
  let flushes = 0;
  queue.add(
    room(() => {
      flushes += 1;
      return false;
    }),
  );
  queue.stop();
  await turn();
  expect(flushes).toBe(0);
});
