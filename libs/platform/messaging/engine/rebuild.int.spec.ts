import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import type { Inheritance } from '../projection.ts';
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
  useCountingProjectors,
} from './fixtures/counting-projectors.ts';

Logger.overrideLogger(false);
useCountingProjectors();

describe('a rebuild', () => {
  it('under live writes ends with the rows of the live one, which went on being written, and drops its tables', async () => {
    await append(3_000);
    const projectors = [await newTestProjector(counting(1)), await newTestProjector(counting(1))];
    await caughtUp(...projectors);
    await projectors[0]!.builds.order(name);
    let least = 0;
    let wentBack = false;
    await eventually(
      async () => {
        await append(40);
        for (const { engine } of projectors) engine.noteHeads((await log.heads()).positions);
        // Whoever reads sees rows that only grow, on whichever side of the swap.
        const total = Object.values(await rows()).reduce((sum, one) => sum + one, 0);
        if (total < least) wentBack = true;
        least = total;
        expect(await builds()).toMatchObject([{ state: 'retired' }, { number: 2, version: 1, state: 'live' }]);
      },
      { within: 20_000 },
    );
    expect(wentBack).toBe(false);
    await caughtUp(...projectors);
    await eventually(async () => {
      const left = await admin.query('select from pg_class where relname in ($1, $2)', [`${name}_v1`, `${name}_v2`]);
      expect(left).toHaveLength(1);
    });
    expect(await admin.query('select from pg_indexes where indexname = $1', [`${name}_v2_total`])).toHaveLength(1);
  }, 60_000);

  it('begins by itself for a newer version, while an older release goes on with the rows that are read', async () => {
    await append(500);
    const old = await newTestProjector(counting(1));
    await caughtUp(old);
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const next = await newTestProjector(counting(2, () => gate));
    expect(next.engine.complaints()).toEqual([`${name} is being rebuilt for version 2, rows are still of 1`]);
    await append(100);
    await caughtUp(old);
    open();
    await eventually(async () => {
      next.engine.noteHeads((await log.heads()).positions);
      expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
    });
    await append(100);
    await caughtUp(old, next);
    expect(await admin.query(`select label from ${name} limit 1`)).toEqual([{ label: null }]);
    await eventually(() => expect(next.engine.complaints()).toEqual([]));
    await eventually(() => expect(old.engine.complaints()[0]).toContain('this process writes version 1'));
    expect(await admin.query('select from parked_streams where projection = $1', [name])).toEqual([]);
  }, 30_000);

  it('begins with what it takes over from the live one, once, and adds what it reads', async () => {
    await append(800);
    // What was counted before the log was cut: nobody could count it again.
    const inheriting = (version: number) => ({
      ...counting(version),
      inherit: ({ live, table }: Inheritance) => [
        `insert into ${table(name)} (stream, total) select 'taken over', sum(total) from ${live.table(name)}`,
        `insert into ${table(name)} (stream, total)
         select 'read', sum(position) from projection_checkpoints where projection = '${name}' and version = ${live.number}`,
      ],
    });
    const old = await newTestProjector(inheriting(1));
    await caughtUp(old);
    const total = Object.values(await rows()).reduce((sum, one) => sum + one, 0);
    const projectors = [await newTestProjector(inheriting(2)), await newTestProjector(inheriting(2))];
    await eventually(async () => {
      for (const { engine } of projectors) engine.noteHeads((await log.heads()).positions);
      expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
    });
    const expected = { ...(await fold()), 'taken over': total, read: 800 };
    expect(await rows()).toEqual(expected);
  }, 30_000);

  it('goes on where it was when its process is killed at any moment', async () => {
    await append(2_000);
    const first = await newTestProjector(counting(1));
    await caughtUp(first);
    await first.builds.order(name);
    await first.stop();
    // Each dies a little later than the one before, in whatever it was doing; the last one is left alone.
    for (let life = 0; life < 12; life++) {
      const projector = await newTestProjector(counting(1));
      await new Promise((resolve) => setTimeout(resolve, life * 12));
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'testcast-projector'`,
      );
      await projector.stop();
    }
    const last = await newTestProjector(counting(1));
    await eventually(async () => expect(await builds()).toMatchObject([{ state: 'retired' }, { state: 'live' }]), {
      within: 15_000,
    });
    await append(50);
    await caughtUp(last);
  }, 60_000);
});
