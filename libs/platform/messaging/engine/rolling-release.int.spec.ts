import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { PostgresEventStore, slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import {
  admin,
  append,
  builds,
  caughtUp,
  counting,
  fold,
  log,
  name,
  newTestProjector,
  rows,
  streams,
  type TestProjector,
  useCountingProjectors,
} from './fixtures/counting-projectors.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import { Rebuilds } from './rebuilds.ts';

Logger.overrideLogger(false);
useCountingProjectors();
let open = () => {};
// Before the projectors are stopped, which let what they are at finish.
afterEach(() => open());

/** As a feed does; one that divides the slots by itself brings each process every other slot. */
async function feed(projectors: readonly TestProjector[], { divided = false } = {}): Promise<void> {
  const { positions } = await log.heads();
  for (const [n, { engine }] of projectors.entries()) {
    const brought = positions.map((head, slot) => (!divided || slot % projectors.length === n ? head : 0));
    engine.noteHeads(positions, brought);
  }
}

describe.each([
  ['the beats divide what is live', false],
  ['the feed divides what is live', true],
])('a release of new code to one projector after the other, where %s', (_, divided) => {
  it('ends in the new rows, and the rows that are read are written all the time', async () => {
    await append(400);
    // In slots of both: those that the new one is brought are written by the old one.
    expect(new Set(streams.map((stream) => slotOf(stream) % 2)).size).toBe(2);
    const options = { shares: true, feedShares: divided };
    const old = [await newTestProjector(counting(1), options), await newTestProjector(counting(1), options)];
    await caughtUp(...old);
    const gate = new Promise<void>((resolve) => (open = resolve));
    const projectors = [
      ...old,
      await newTestProjector(
        counting(2, () => gate),
        options,
      ),
    ];
    await old[0]!.stop();
    projectors.splice(0, 1);
    await eventually(async () => expect(await admin.query('select from projectors')).toHaveLength(2));
    for (let round = 0; round < 3; round++) {
      await append(40);
      const expected = await fold();
      await eventually(async () => {
        await feed(projectors, { divided });
        expect(await rows()).toEqual(expected);
      });
    }
    expect(await builds()).toMatchObject([{ state: 'live' }, { version: 2, state: 'filling' }]);
    open();
    await eventually(
      async () => {
        await append(8);
        await feed(projectors, { divided });
        expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
      },
      { within: 15_000 },
    );
    await append(40);
    const expected = await fold();
    await eventually(async () => {
      await feed(projectors, { divided });
      expect(await rows()).toEqual(expected);
    });
    expect(projectors[1]!.engine.complaints()).toEqual([]);
  }, 60_000);
});

/** Fails for a reason that may pass, so that what is being filled never gets anywhere. */
const never = () => Promise.reject(Object.assign(new Error('not yet'), { temporary: true }));

describe('a rebuild that is ordered while a release goes round', () => {
  it('is refused, with the reason, until all projectors have the same code', async () => {
    await append(40);
    // It has the code of this projection, and a newer one of another: what both know of the rows may still differ.
    const other = (version: number): ProjectionHandler => ({
      name: `other_${name}`,
      version,
      events: ['counted'],
      tables: {},
      apply: async () => undefined,
    });
    const old = await newTestProjector(counting(1), { shares: true, others: [other(1)] });
    await caughtUp(old);
    const rebuilds = new Rebuilds(admin, new PostgresEventStore(admin));
    const next = await newTestProjector(counting(1), { shares: true, others: [other(2)] });
    await eventually(async () => expect(await admin.query('select from projectors')).toHaveLength(2));
    await expect(rebuilds.order(name)).rejects.toMatchObject({
      code: 'store.unavailable',
      message: expect.stringContaining('Projectors of two releases run') as string,
    });
    expect(await builds()).toMatchObject([{ state: 'live' }]);
    await old.stop();
    expect(await rebuilds.order(name)).toBe(2);
    await next.stop();
  }, 30_000);

  it('is not refused where the release has begun it by itself: to order it again is to look on', async () => {
    await append(40);
    await caughtUp(await newTestProjector(counting(1), { shares: true }));
    await newTestProjector(counting(2, never), { shares: true });
    await eventually(async () => expect(await builds()).toMatchObject([{}, { version: 2, state: 'filling' }]));
    const rebuilds = new Rebuilds(admin, new PostgresEventStore(admin));
    expect(await rebuilds.order(name)).toBe(2);
  }, 30_000);
});

describe('a release that is taken back while it fills its rows', () => {
  it('leaves nothing behind once no projector has its code, and a rebuild can be ordered again', async () => {
    await append(40);
    const old = await newTestProjector(counting(1), { shares: true });
    const next = await newTestProjector(counting(2, never), { shares: true });
    await eventually(async () => expect(await builds()).toMatchObject([{}, { version: 2, state: 'filling' }]));
    await admin.query(`update projection_builds set sampled_at = clock_timestamp() - interval '2 minutes'`);
    // As long as somebody has the code, it may only be slow.
    await append(8);
    await caughtUp(old);
    expect(await builds()).toMatchObject([{ state: 'live' }, { state: 'filling' }]);
    await next.stop();
    await admin.query(`update projection_builds set sampled_at = clock_timestamp() - interval '2 minutes'`);
    await eventually(async () => expect(await builds()).toMatchObject([{ state: 'live' }, { state: 'retired' }]));
    expect(
      await admin.query('select distinct version from projection_checkpoints where projection = $1', [name]),
    ).toEqual([{ version: 1 }]);
    const rebuilds = new Rebuilds(admin, new PostgresEventStore(admin));
    expect(await rebuilds.order(name)).toBe(3);
    await eventually(async () => {
      await feed([old]);
      expect(await builds()).toMatchObject([{}, {}, { number: 3, version: 1, state: 'live' }]);
    });
    await caughtUp(old);
  }, 30_000);

  it('can be cancelled, and cancelling what is not under way does nothing', async () => {
    await append(40);
    const old = await newTestProjector(counting(1), { shares: true });
    const next = await newTestProjector(counting(2, never), { shares: true });
    await next.stop();
    const rebuilds = new Rebuilds(admin, new PostgresEventStore(admin));
    expect(await rebuilds.cancel(name)).toBe(true);
    expect(await rebuilds.cancel(name)).toBe(false);
    expect(await builds()).toMatchObject([{ state: 'live' }, { state: 'retired' }]);
    await append(8);
    await caughtUp(old);
    await eventually(async () =>
      expect(await admin.query('select from pg_class where relname = $1', [`${name}_v2`])).toEqual([]),
    );
  }, 30_000);
});

it('a projection whose rebuild is refused keeps only itself from running, and says why', async () => {
  await append(40);
  const old = await newTestProjector(counting(1));
  await caughtUp(old);
  await admin.query(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      raise exception 'there is no room for another';
    end
    $$`);
  await admin.query(`
    create trigger refuse before insert on projection_builds
    for each row when (new.projection = '${name}') execute function refuse()`);
  const applied: string[] = [];
  const other: ProjectionHandler = {
    name: `other_${name}`,
    version: 1,
    events: ['counted'],
    tables: {},
    apply: async (batch) => void applied.push(...batch.map(({ eventId }) => eventId)),
  };
  const next = await newTestProjector(counting(2), { others: [other] });
  await eventually(() => expect(applied).toHaveLength(32));
  expect(next.engine.complaints().join()).toContain('there is no room for another');
  await admin.query('drop function refuse cascade');
  await eventually(async () => {
    await feed([old, next]);
    expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
    expect(next.engine.complaints()).toEqual([]);
  });
}, 30_000);
