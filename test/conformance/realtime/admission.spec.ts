import { Agent, request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { onEachEngine } from './on-each-engine.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { refusalOf, StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
const start = async (...args: Parameters<typeof startRealtime>) => (running = await startRealtime(...args));
const alice = { headers: { authorization: 'Bearer alice' } };

onEachEngine('a client is admitted before the upgrade', () => {
  it('with a token, or with a ticket in the address', async () => {
    const { url } = await start();
    const byToken = await StreamClient.connect(url);
    expect(byToken.socket.protocol).toBe('testcast.v1');
    expect(byToken.frames[0]).toMatchObject({ type: 'connected', serverId: 'server-1', limits: { inFlight: 16 } });
    const byTicket = await StreamClient.connect(`${url}?ticket=ticket-alice`, '');
    expect(byTicket.frames[0]).toMatchObject({ type: 'connected' });
  });

  it('or refused with the error of the catalogue: 401 without a good token', async () => {
    const { url } = await start();
    const none = await refusalOf(url);
    expect(none.status).toBe(401);
    expect(none.statusText).toBe('Unauthorized');
    expect(none.headers['www-authenticate']).toBe('Bearer');
    expect(JSON.parse(none.body)).toMatchObject({ error: { code: 'auth.required', temporary: false } });
    const bad = await refusalOf(url, { headers: { authorization: 'Bearer mallory' } });
    expect(bad.status).toBe(401);
    expect(JSON.parse(bad.body)).toMatchObject({ error: { code: 'auth.invalid' } });
  });

  it('403 for pages of other origins', async () => {
    const { url, http } = await start({ allowedOrigins: ['https://wiki.example.com'] });
    const evil = await refusalOf(url, { ...alice, origin: 'https://evil.example' });
    expect(evil.status).toBe(403);
    expect(JSON.parse(evil.body)).toMatchObject({ error: { code: 'auth.origin' } });
    await StreamClient.connect(url, 'alice', { origin: http });
    await StreamClient.connect(url, 'alice', { origin: 'https://wiki.example.com' });
  });

  it('429 for an address that connects too fast', async () => {
    const { url } = await start({ connectRate: { perSecond: 0.1, burst: 1 } });
    await StreamClient.connect(url);
    const refused = await refusalOf(url, alice);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'rate.exceeded', temporary: true } });
  });

  it('503 when the server is full, also for those who come at the same moment', async () => {
    const { url, server } = await start({ maxConnections: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => refusalOf(url, alice)));
    const refused = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    expect(refused).toHaveLength(4);
    expect(refused[0]).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused[0]!.body)).toMatchObject({ error: { code: 'connection.limit' } });
    expect(server.stats().refused.get('connection.limit')).toBe(4);
    expect(server.load()).toMatchObject({ connections: 2, maxConnections: 2, load: 1 });
  });

  it('503 when it is draining', async () => {
    const { url, server } = await start({ tuning: { drainBatch: 1, drainEveryMs: 500 } });
    const client = await StreamClient.connect(url);
    client.socket.pause();
    const drained = server.drain();
    const refused = await refusalOf(url, alice);
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'connection.draining' } });
    client.socket.resume();
    await drained;
  });

  it('404 for other paths, whose HTTP stays as it is', async () => {
    const { url, http } = await start();
    expect((await refusalOf(`${url}s`, alice)).status).toBe(404);
    expect(await (await fetch(`${http}/plain`)).text()).toBe('plain');
  });

  it.each([
    ['GET', [], 'plain'],
    ['POST', ['{"text":"', 'x'.repeat(90_000), '"}'], '90000 characters'],
  ])('nothing at all for a %s that offers another protocol, which is passed over', async (method, parts, answer) => {
    const { http } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let call = 0; call < 3; call++) {
      const { body, port } = await offeringHttp2(`${http}/plain`, method, parts, agent);
      expect(body).toBe(answer);
      ports.add(port);
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it('400 for what is no WebSocket handshake', async () => {
    const { url } = await start();
    const answer = await rawUpgrade(url, [...stream, 'Authorization: Bearer alice']);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"request.invalid"');
  });
});

onEachEngine('what goes wrong during admission', () => {
  it('stays on the server', async () => {
    const { url } = await start();
    const refused = await refusalOf(url, { headers: { authorization: 'Bearer broken' } });
    expect(refused).toMatchObject({ status: 500, statusText: 'Internal Server Error' });
    expect(refused.body).not.toContain('secret');
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  it('does not hold a socket for ever: who is not checked in time is refused', async () => {
    const { url, tokens, server } = await start({ tuning: { admissionTimeoutMs: 50, tickMs: 10 } });
    tokens.hang = true;
    const refused = await refusalOf(url, alice);
    expect(refused.status).toBe(503);
    expect(server.stats().admitting).toBe(0);
  });

  it('is bounded in number', async () => {
    const { url, tokens } = await start({ tuning: { maxPendingAdmissions: 1, admissionTimeoutMs: 200, tickMs: 10 } });
    tokens.hang = true;
    const first = refusalOf(url, alice);
    await eventually(() => expect(running!.server.stats().admitting).toBe(1));
    expect(JSON.parse((await refusalOf(url, alice)).body)).toMatchObject({ error: { code: 'connection.limit' } });
    expect((await first).status).toBe(503);
  });

  it('leaves nothing of a client that went away meanwhile', async () => {
    const { url, tokens, server } = await start({ tuning: { admissionTimeoutMs: 500, tickMs: 10 } });
    tokens.hang = true;
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    socket.write(`GET /stream HTTP/1.1\r\n${[...stream, ...key, 'Authorization: Bearer alice'].join('\r\n')}\r\n\r\n`);
    await eventually(() => expect(server.stats().admitting).toBe(1));
    socket.resetAndDestroy();
    await eventually(() => expect(server.stats().admitting).toBe(0));
    expect(server.stats().connections).toBe(0);
  });
});

const stream = ['Host: testcast', 'Connection: Upgrade', 'Upgrade: websocket'];
const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

function rawUpgrade(url: string, headers: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`GET /stream HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  });
}

/** A call as Java's HttpClient and `curl --http2` make it, its body in several writes. */
function offeringHttp2(url: string, method: string, parts: string[], agent: Agent) {
  const headers = {
    ...(parts.length > 0 ? { 'content-type': 'application/json' } : {}),
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
  };
  return new Promise<{ body: string; port: number | undefined }>((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent }, (response) => {
      let body = '';
      const port = request.socket?.localPort;
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ body, port }));
    });
    request.on('error', reject);
    for (const part of parts) request.write(part);
    setImmediate(() => request.end());
  });
}
