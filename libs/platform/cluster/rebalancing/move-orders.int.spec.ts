import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventually } from '#platform/testing';
import { LeaderLease } from './leader-lease.ts';
import { MoveOrders } from './move-orders.ts';

/** Far above what a test takes, and, where another takes over, what a test waits for. */
const [long, short] = [60_000, 300];
let dataSource: DataSource;
let orders: MoveOrders;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
  orders = new MoveOrders(dataSource);
});
afterAll(() => dataSource?.destroy());
beforeEach(async () => {
  await dataSource.query('update cluster_leader set owner = null');
  await dataSource.query('delete from cluster_moves');
});

const lease = (serverId: string, lastsMs = long, startId = `start of ${serverId}`) =>
  new LeaderLease(dataSource, { serverId, startId }, lastsMs);
const aToB = () => [{ from: 'a', to: 'b', connections: 5 }];
const ageMoves = (column: string, seconds: number) =>
  dataSource.query(`update cluster_moves set ${column} = ${column} - $1 * interval '1 second'`, [seconds]);

describe('the lead', () => {
  it('is of one server, however many want it, and stays with it', async () => {
    const all = ['a', 'b', 'c', 'd'].map((serverId) => lease(serverId));
    const taken = await Promise.all(all.map((one) => one.renew()));
    expect(taken.filter((fence) => fence !== undefined)).toHaveLength(1);
    expect(await Promise.all(all.map((one) => one.renew()))).toEqual(taken);
    expect(await all[0]!.leader()).toBe('abcd'[taken.findIndex((fence) => fence !== undefined)]);
  });

  it('goes to another when it has run out, under a higher fence', async () => {
    const [dead, other] = [lease('a', short), lease('b')];
    const before = (await dead.renew())!;
    expect(await other.renew()).toBeUndefined();
    await eventually(async () => expect(await other.renew()).toBe(before + 1));
    expect(await dead.renew()).toBeUndefined();
  });

  it('goes to another at once when it is let go of', async () => {
    const [first, other] = [lease('a'), lease('b')];
    await first.renew();
    await first.release();
    expect(await other.leader()).toBeUndefined();
    expect(await other.renew()).toBeGreaterThan(0);
  });

  it('is another one after a restart of the same server', async () => {
    const before = (await lease('a', short, 'first').renew())!;
    await eventually(async () => expect(await lease('a', long, 'second').renew()).toBe(before + 1));
  });
});

describe('an order', () => {
  it('is written by the leader, begun once, reported and ended', async () => {
    const fence = await lease('leader').renew();
    const [placed] = (await orders.place(fence, 'rebalance', aToB))!;
    expect(placed).toMatchObject({ from: 'a', to: 'b', ordered: 5, moved: 0, state: 'ordered', reason: 'rebalance' });
    expect(placed).not.toHaveProperty('endedAt');
    expect(await orders.begin('b')).toEqual([]);
    const begun = await Promise.all([orders.begin('a'), orders.begin('a')]);
    expect(begun.flat()).toHaveLength(1);
    await orders.report(placed!.id, { moved: 3, failed: 0 });
    expect(await orders.open()).toMatchObject([{ moved: 3, state: 'running' }]);
    await orders.end(placed!.id, { moved: 4, failed: 1 });
    expect(await orders.open()).toEqual([]);
    expect(await orders.recent(10)).toMatchObject([{ id: placed!.id, moved: 4, failed: 1, state: 'done' }]);
  });

  it('of a leader that was followed by another is neither written nor begun', async () => {
    const [old, next] = [lease('old', short), lease('next')];
    const stale = (await old.renew())!;
    await orders.place(stale, 'rebalance', aToB);
    await eventually(async () => expect(await next.renew()).toBeGreaterThan(stale));
    expect(await orders.place(stale, 'rebalance', aToB)).toBeUndefined();
    expect(await orders.begin('a')).toEqual([]);
    await orders.sweep();
    expect(await orders.recent(10)).toMatchObject([{ state: 'expired', problem: 'who ordered it leads no longer' }]);
  });

  it('is not written under a lease that has run out', async () => {
    const fence = await lease('leader', short).renew();
    await eventually(async () => expect(await orders.place(fence, 'rebalance', () => [])).toBeUndefined());
  });

  it('that is placed at the same moment as another sees it', async () => {
    const once = (open: readonly unknown[]) => (open.length === 0 ? aToB() : []);
    const placed = await Promise.all(Array.from({ length: 5 }, () => orders.place(undefined, 'manual', once)));
    expect(placed.flat()).toHaveLength(1);
  });

  it('expires when its giver has not begun it within 30 seconds, or not ended it in time', async () => {
    await orders.place(undefined, 'manual', aToB);
    await orders.sweep();
    expect(await orders.open()).toHaveLength(1);
    await ageMoves('ordered_at', 31);
    await orders.sweep();
    expect(await orders.recent(1)).toMatchObject([{ state: 'expired', problem: 'the giver has not begun it in time' }]);
    await orders.place(undefined, 'manual', aToB);
    await orders.begin('a');
    await ageMoves('started_at', 81);
    await orders.sweep();
    expect(await orders.recent(1)).toMatchObject([{ state: 'failed' }]);
  });

  it('is kept for 30 days, and of a thousand at the most', async () => {
    await dataSource.query(`
      insert into cluster_moves (fence, reason, from_server, to_server, ordered, state, ended_at)
      select 1, 'manual', 'a', 'b', 1, 'done', clock_timestamp() - case when n <= 1010 then interval '0' else interval '31 days' end
      from generate_series(1, 1015) n`);
    await orders.sweep();
    expect(await orders.recent(2000)).toHaveLength(995);
  });
});
