import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase } from '#platform/testing';
import { Deadlines, type DeadlineSign } from './deadlines.ts';

let database: DataSource;
let deadlines: Deadlines;
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 8 })).initialize();
  deadlines = new Deadlines(database, { name: 'patience', waitMs: 1000 });
});
beforeEach(() => database.query('truncate saga_deadlines'));
afterAll(() => database?.destroy());

const long = { leaseMs: 60_000, limit: 10 };
const renew = (...signs: DeadlineSign[]) => database.transaction((tx) => deadlines.renew(tx, signs));
async function claimedKeys(seenUpTo: number, options = long): Promise<string[]> {
  return (await deadlines.claim(seenUpTo, options)).claimed.map(({ key }) => key);
}
const begun = (key: string, lastAt = 0): DeadlineSign => ({ key, lastAt, open: true, version: 1 });

it('a deadline that has passed is claimed once, with the version that was seen last', async () => {
  await renew(begun('a'), begun('b', 5000));
  await renew({ key: 'a', lastAt: 100, version: 3 });
  expect(await deadlines.claim(1099, long)).toEqual({ claimed: [], more: false });
  expect(await deadlines.claim(1100, long)).toEqual({ claimed: [{ key: 'a', version: 3 }], more: false });
  expect(await claimedKeys(1100)).toEqual([]);
});

it('a sign of life puts it off, also one that comes after it was looked at', async () => {
  await renew(begun('a'));
  await renew({ key: 'a', lastAt: 900 });
  expect(await claimedKeys(1000)).toEqual([]);
  expect(await claimedKeys(1899)).toEqual([]);
  await renew({ key: 'a', lastAt: 1899 });
  expect(await claimedKeys(2898)).toEqual([]);
  expect(await claimedKeys(2899)).toEqual(['a']);
});

it('one that was claimed by somebody who died is claimed again after the lease', async () => {
  const { now } = await deadlines.look();
  await renew(begun('a'));
  expect(await claimedKeys(now, { leaseMs: 30_000, limit: 1 })).toEqual(['a']);
  expect(await claimedKeys(now + 29_000)).toEqual([]);
  expect(await claimedKeys(now + 40_000)).toEqual(['a']);
});

it('one that shows life after it was claimed waits as long as any, not as long as the lease', async () => {
  const { now } = await deadlines.look();
  await renew(begun('a', now - 5000));
  expect(await claimedKeys(now)).toEqual(['a']);
  await renew({ key: 'a', lastAt: now });
  expect(await claimedKeys(now + 999)).toEqual([]);
  expect(await claimedKeys(now + 1000)).toEqual(['a']);
});

it('what has ended is not claimed, and waits anew when it begins again', async () => {
  await renew(begun('a'));
  await renew({ key: 'a', lastAt: 10, open: false, version: 2 });
  await renew({ key: 'a', lastAt: 20 });
  expect(await claimedKeys(1e12)).toEqual([]);
  expect(await deadlines.look()).toMatchObject({ due: false });
  await renew({ key: 'a', lastAt: 5000, open: true, version: 3 });
  expect(await claimedKeys(5999)).toEqual([]);
  expect(await claimedKeys(6000)).toEqual(['a']);
});

it('what has ended is forgotten after a month, and does not wait again for what comes later', async () => {
  const { now } = await deadlines.look();
  const longAgo = now - 31 * 86_400_000;
  const crowd = Array.from({ length: 1500 }, (_, at) => begun(`k${at}`, longAgo));
  await renew(begun('recent', now), begun('silent', longAgo), ...crowd, { key: 'never', lastAt: longAgo });
  await renew({ key: 'recent', lastAt: now, open: false, version: 2 });
  await renew(...crowd.map(({ key }) => ({ key, lastAt: longAgo, open: false, version: 2 })));
  await deadlines.forgetEnded();
  const rows = await database.query<{ key: string }[]>('select key from saga_deadlines order by key');
  expect(rows.map(({ key }) => key)).toEqual(['recent', 'silent']);

  await renew({ key: 'k7', lastAt: longAgo + 1 });
  expect(await claimedKeys(now)).toEqual(['silent']);
  await renew({ key: 'k7', lastAt: longAgo + 2, open: true, version: 9 });
  expect(await claimedKeys(now)).toEqual(['k7']);
});

it('a shorter wait that becomes known later counts at once', async () => {
  await renew(begun('a'));
  await renew({ key: 'a', lastAt: 0, waitMs: 200 });
  await renew({ key: 'a', lastAt: 0, waitMs: 9000 });
  expect(await claimedKeys(199)).toEqual([]);
  expect(await claimedKeys(200)).toEqual(['a']);
});

it('of many that claim at once each gets others, and together all', async () => {
  const keys = Array.from({ length: 60 }, (_, at) => `k${String(at).padStart(2, '0')}`);
  await renew(...keys.map((key) => begun(key)));
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimedKeys(1e12, { leaseMs: 60_000, limit: 10 })));
  const rest = await claimedKeys(1e12, { leaseMs: 60_000, limit: 100 });
  const all = [...claims.flat(), ...rest];
  expect(new Set(all).size).toBe(all.length);
  expect(all.sort()).toEqual(keys);
});

it('batches of several slots that meet in their rows do not lock each other out', async () => {
  const keys = Array.from({ length: 50 }, (_, at) => `k${at}`);
  const shuffles = Array.from({ length: 24 }, (_, at) => [...keys.slice(at), ...keys.slice(0, at)]).map((rotated, at) =>
    at % 2 === 0 ? rotated : rotated.toReversed(),
  );
  await Promise.all(shuffles.map((shuffled, at) => renew(...shuffled.map((key) => ({ key, lastAt: at })))));
  const [row] = await database.query<[{ count: number }]>(
    'select count(*)::int from saga_deadlines where last_at = 23',
  );
  expect(row.count).toBe(50);
});

it('is the same row however the slots of its signs are interleaved, and due no later than it should', async () => {
  const lifecycle = fc.array(
    fc.record({
      lastAt: fc.nat(9999),
      open: fc.constantFrom(true, false, undefined),
      waitMs: fc.constantFrom(undefined, 500, 1500),
    }),
    { minLength: 1, maxLength: 6 },
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      lifecycle,
      fc.array(fc.nat(9999), { maxLength: 6 }),
      fc.infiniteStream(fc.boolean()),
      async (own, others, coin) => {
        const key = `p${(number += 1)}`;
        const first = own.map((sign, at): DeadlineSign => ({ key, version: at + 1, ...sign }));
        const second = others.map((lastAt): DeadlineSign => ({ key, lastAt }));
        const rest: [DeadlineSign[], DeadlineSign[]] = [[...first], [...second]];
        while (rest[0].length + rest[1].length > 0) {
          const from = rest[1].length === 0 || (rest[0].length > 0 && coin.next().value === true) ? rest[0] : rest[1];
          await renew(from.shift()!);
        }
        const [row] = await database.query<Record<string, unknown>[]>(
          'select open, version::int, last_at::int, wait_ms::int, due_at::int from saga_deadlines where key = $1',
          [key],
        );
        const lastAt = Math.max(...own.map((sign) => sign.lastAt), ...others);
        const waitMs = own.find((sign) => sign.waitMs !== undefined)?.waitMs;
        const open = own.findLast((sign) => sign.open !== undefined)?.open;
        expect(row).toMatchObject({
          open: open ?? null,
          version: own.length,
          last_at: lastAt,
          wait_ms: waitMs ?? null,
        });
        expect(open !== true || (row!['due_at'] as number) <= lastAt + (waitMs ?? 1000)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
