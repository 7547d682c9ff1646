import { afterEach, expect, it } from 'vitest';
import { MemoryEventStore } from '#platform/event-store';
import { type MigrationTarget, MovedConnectionsInMemory, type RealtimeOptions } from '#platform/realtime';
import { eventually } from '#platform/testing';
import { WebSocket } from 'ws';
import { onEachEngine } from './on-each-engine.ts';
import { appendResults, type RunningApp, startRealtime } from './realtime-app.ts';
import { StreamClient } from './stream-client.ts';

const room = 'run:shop/1';
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

let running: RunningApp[] = [];
afterEach(async () => {
  await Promise.all(running.map((app) => app.close()));
  running = [];
});

/** Servers on one log that can take over each other's connections. */
async function servers(tuning: RealtimeOptions['tuning'] = {}) {
  const [log, movedConnections] = [new MemoryEventStore(), new MovedConnectionsInMemory()];
  const start = async (serverId: string): Promise<RunningApp> => {
    // At the end nobody is waited for who was asked to move and stays.
    const waits = { drainMoveMs: 200, ...tuning };
    const options = { serverId, startId: `start of ${serverId}`, movedConnections, tuning: waits };
    const app = await startRealtime(options, [], log);
    running.push(app);
    return app;
  };
  const [here, there] = [await start('here'), await start('there')];
  const target: MigrationTarget = { serverId: 'there', startId: 'start of there', shared: false, url: there.url };
  return { log, here, there, target };
}

async function follow(client: StreamClient): Promise<StreamClient> {
  const { url, token } = await client.push('migrate');
  return StreamClient.comeWith(url, token);
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode);
    });
    socket.once('open', () => {
      socket.close();
      reject(new Error('it was let in'));
    });
    socket.on('error', () => undefined);
  });
}

onEachEngine('a connection that is asked to move', () => {
  it('finds its rooms restored on the other server, from where they were', async () => {
    const { log, here, target } = await servers();
    const client = await StreamClient.connect(here.url);
    await client.ok('room.subscribe', { room });
    await client.ok('room.subscribe', { room: 'board:shop' });
    await appendResults(log, room, 5);
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(5)));

    expect(await here.server.migrate({ count: 10, target, reason: 'balance' })).toBe(1);
    expect(await client.push('migrate')).toMatchObject({
      targetServer: 'there',
      url: target.url,
      reason: 'balance',
      deadlineMs: 30_000,
    });
    await appendResults(log, room, 3);
    const moved = await follow(client);
    expect(moved.pushes('connected')[0]).toMatchObject({ serverId: 'there', restored: [room, 'board:shop'] });
    await appendResults(log, room, 2);
    // Both deliver until the client leaves; no event is missing in either.
    await eventually(() => expect(moved.offsets(room)).toEqual(upTo(10, 6)));
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(10)));
    expect((await moved.push('state')).room).toBe('board:shop');
    client.socket.close();
    await eventually(() => expect(here.server.load().connections).toBe(0));
  });

  it('is asked by one of two moves that choose at once, which is told when it has gone', async () => {
    const { here, target } = await servers();
    const clients = [await StreamClient.connect(here.url), await StreamClient.connect(here.url)];
    const gone: boolean[][] = [[], []];
    const move = (of: number) =>
      here.server.migrate({ count: 1, target, reason: 'balance', onGone: (went) => gone[of]!.push(went) });
    expect(await Promise.all([move(0), move(1)])).toEqual([1, 1]);
    for (const client of clients) {
      const { token, url } = await client.push('migrate');
      await StreamClient.comeWith(url, token);
      client.socket.close();
    }
    await eventually(() => expect(gone).toEqual([[true], [true]]));
  });

  it('has its own offsets respected', async () => {
    const { log, here, target } = await servers();
    const client = await StreamClient.connect(here.url);
    const { epoch } = await client.ok<{ epoch: string }>('room.subscribe', { room });
    await appendResults(log, room, 8);
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(8)));
    await here.server.migrate({ count: 1, target, reason: 'balance' });
    const moved = await follow(client);
    expect(await moved.ok('room.subscribe', { room, offset: 3, epoch })).toMatchObject({ offset: 3 });
    await appendResults(log, room, 1);
    await eventually(() => expect(moved.offsets(room).slice(-6)).toEqual(upTo(9, 4)));
  });

  it('is let in once, and only where it was sent', async () => {
    const { here, there, target } = await servers();
    const clients = [await StreamClient.connect(here.url), await StreamClient.connect(here.url)];
    await here.server.migrate({ count: 2, target, reason: 'balance' });
    const [first, second] = await Promise.all(clients.map(async (client) => (await client.push('migrate')).token));
    await StreamClient.comeWith(there.url, first!);
    expect(await statusOf(`${there.url}?migration=${first}`)).toBe(401);
    expect(await statusOf(`${here.url}?migration=${second}`)).toBe(401);
    expect(await statusOf(`${there.url}?migration=${'x'.repeat(1000)}`)).toBe(401);
    expect(await statusOf(`${there.url}?migration=`)).toBe(401);
  });

  it('keeps the grants and the expiry that it had', async () => {
    const { here, target } = await servers({ expiryGraceMs: 100, tickMs: 200 });
    here.tokens.grant('short', 'bob', { shop: 'read' }, Date.now() + 2000);
    const client = await StreamClient.connect(here.url, 'short');
    await here.server.migrate({ count: 1, target, reason: 'balance' });
    const moved = await follow(client);
    expect(await moved.request('room.subscribe', { room: 'run:bank/1' })).toMatchObject({
      type: 'error',
      error: { code: 'auth.forbidden' },
    });
    expect(await moved.closed()).toBe(4002);
  });

  it('is closed with 4003 when it does not go in time, and is served until then', async () => {
    const { log, here, target } = await servers({ migrateGraceMs: 400, tickMs: 100 });
    const client = await StreamClient.connect(here.url);
    await client.ok('room.subscribe', { room });
    await here.server.migrate({ count: 1, target, reason: 'balance' });
    await client.push('migrate');
    await appendResults(log, room, 2);
    await eventually(() => expect(client.offsets(room)).toEqual([1, 2]));
    expect(await here.server.migrate({ count: 1, target, reason: 'balance' })).toBe(0);
    expect(await client.closed()).toBe(4003);
  });
});

onEachEngine('a server that goes', () => {
  it('moves who can be moved, and closes the rest', async () => {
    const { here, there, target } = await servers({ drainMoveMs: 500, drainGraceMs: 500 });
    here.server.chooseTarget = async () => target;
    const [mover, stayer] = [await StreamClient.connect(here.url), await StreamClient.connect(here.url)];
    const drained = here.server.drain();
    const moved = await follow(mover);
    mover.socket.close();
    expect(await stayer.closed()).toBe(4000);
    await drained;
    expect(await moved.ok('ping')).toMatchObject({});
    expect(there.server.load().connections).toBe(1);
  });

  it('closes everybody when nobody knows where to go', async () => {
    const { here } = await servers();
    here.server.chooseTarget = async () => {
      throw new Error('the registry is away');
    };
    const client = await StreamClient.connect(here.url);
    await here.server.drain();
    expect(await client.closed()).toBe(4000);
  });
});
