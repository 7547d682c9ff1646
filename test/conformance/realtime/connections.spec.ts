import { closeCodes } from '@testcast/contracts';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { Probe } from './probe.ts';
import { onEachEngine } from './on-each-engine.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { type Reply, StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  Probe.reset();
  await running?.close();
  running = undefined;
});

async function connected(options: Parameters<typeof startRealtime>[0] = {}): Promise<StreamClient> {
  running = await startRealtime(options, [Probe]);
  return StreamClient.connect(running.url);
}
const errorOf = (reply: Reply) => (reply.type === 'error' ? reply.error : undefined);

onEachEngine('a token that expires', () => {
  it('closes the connection with 4002 after the grace', async () => {
    running = await startRealtime({ tuning: { expiryGraceMs: 100, tickMs: 10 } });
    running.tokens.grant('short', 'bob', { shop: 'read' }, Date.now() + 100);
    const client = await StreamClient.connect(running.url, 'short');
    expect(await client.closed()).toBe(closeCodes.tokenExpired);
    expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: closeCodes.tokenExpired });
  });

  it('is renewed by a new one of the same subject', async () => {
    running = await startRealtime({ tuning: { expiryGraceMs: 100, tickMs: 10 } });
    const expiresAt = Date.now() + 3_600_000;
    running.tokens.grant('short', 'bob', { shop: 'read' }, Date.now() + 300);
    running.tokens.grant('long', 'bob', { shop: 'read' }, expiresAt);
    const client = await StreamClient.connect(running.url, 'short');
    expect(errorOf(await client.request('auth.refresh', { token: 'alice' }))).toMatchObject({ code: 'auth.forbidden' });
    expect(errorOf(await client.request('auth.refresh', { token: 'mallory' }))).toMatchObject({ code: 'auth.invalid' });
    expect(await client.ok('auth.refresh', { token: 'long' })).toEqual({ expiresAt });
    const other = await StreamClient.connect(running.url, 'short').catch(() => undefined);
    await other?.closed();
    expect(client.closeCode).toBeUndefined();
    expect(await client.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
  });

  it('takes the rooms that the new one does not cover', async () => {
    running = await startRealtime();
    running.tokens.grant('wide', 'bob', { shop: 'read', bank: 'read' });
    running.tokens.grant('narrow', 'bob', { shop: 'read' });
    const client = await StreamClient.connect(running.url, 'wide');
    await client.ok('room.subscribe', { room: 'run:shop/1' });
    await client.ok('room.subscribe', { room: 'run:bank/1' });
    await client.ok('auth.refresh', { token: 'narrow' });
    expect(await client.push('reset')).toMatchObject({ room: 'run:bank/1', reason: 'access withdrawn' });
    expect(running.server.stats().subscriptions).toBe(1);
  });
});

onEachEngine('heartbeat', () => {
  it('pings who is silent, and ends who does not answer', async () => {
    running = await startRealtime({ tuning: { idleTimeoutMs: 300, pingAfterMs: -8000, tickMs: 20 } });
    const alive = await StreamClient.connect(running.url);
    let pings = 0;
    alive.socket.on('ping', () => (pings += 1));
    const dead = await StreamClient.connect(running.url, 'alice', { autoPong: false });
    expect(await dead.closed()).toBe(1006);
    expect(pings).toBeGreaterThan(0);
    expect(alive.closeCode).toBeUndefined();
  });
});

onEachEngine('round trips', () => {
  it('are those of pings, as long as the client takes', async () => {
    // The first to come is pinged a second later than this says: after 200 ms, and so not again before it has answered.
    running = await startRealtime({ tuning: { pingAfterMs: -800, tickMs: 20 } });
    expect(running.server.roundTripMs()).toBeUndefined();
    const slow = await StreamClient.connect(running.url, 'alice', { autoPong: false });
    slow.socket.on('ping', () => setTimeout(() => slow.socket.pong(), 60));
    await eventually(() => expect(running!.server.roundTripMs()).toBeGreaterThan(58));
  });

  it('do not come of pongs that nobody asked for', async () => {
    running = await startRealtime();
    const client = await StreamClient.connect(running.url);
    client.socket.pong();
    // What came before it has been read by now.
    await client.ok('ping');
    expect(running.server.roundTripMs()).toBeUndefined();
  });
});

onEachEngine('shutdown', () => {
  it('says so, lets replies out and closes with a code that means "connect again"', async () => {
    const client = await connected();
    const id = client.send('probe.wait', { name: 'last' });
    await eventually(() => expect(Probe.started).toEqual(['last']));
    const closing = running!.close();
    const late = client.send('ping');
    Probe.waiting.get('last')!();
    expect(await client.closed()).toBe(closeCodes.goingAway);
    expect(await client.reply(id)).toMatchObject({ type: 'ok', data: { name: 'last' } });
    expect(errorOf(await client.reply(late))).toMatchObject({ code: 'connection.draining', temporary: true });
    expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: closeCodes.goingAway });
    await closing;
    running = undefined;
  });

  it('says so also to who waits for a reply that does not come', async () => {
    const client = await connected({ tuning: { drainGraceMs: 50 } });
    client.send('probe.wait', { name: 'stuck' });
    await eventually(() => expect(Probe.started).toEqual(['stuck']));
    await running!.close();
    running = undefined;
    expect(await client.closed()).toBe(closeCodes.goingAway);
    expect(client.frames.at(-1)).toMatchObject({
      type: 'closing',
      code: closeCodes.goingAway,
      reconnectInMs: expect.any(Number) as number,
    });
  });

  it('does not wait for ever for a peer that does not answer', async () => {
    const client = await connected({ tuning: { drainGraceMs: 100 } });
    client.socket.pause();
    const { server } = running!;
    await running!.close();
    running = undefined;
    await eventually(() => expect(server.stats().connections).toBe(0));
    client.socket.resume();
    await client.closed();
  });
});
