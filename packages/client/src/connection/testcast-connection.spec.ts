import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type ConnectionState, type TestcastClient } from '../node.ts';
import { eventually } from '../fixtures/eventually.ts';
import { ProtocolServer, type ServedSocket } from '../fixtures/protocol-server.ts';

const room = 'run:shop/1';
const fast = { baseMs: 20, capMs: 40 };

let server: ProtocolServer;
let client: TestcastClient;
let states: ConnectionState[];

beforeEach(async () => {
  server = await ProtocolServer.start();
  client = connect();
});
afterEach(async () => {
  client.connection.close();
  await server.stop();
});

function connect(options: Parameters<typeof createClient>[0] = {}): TestcastClient {
  client?.connection.close();
  states = [];
  const made = createClient({ url: server.url, token: 'secret', backoff: fast, ...options });
  made.connection.onState((state) => states.push(state));
  return made;
}

const watch = () =>
  client.connection.watchStream(room, { offset: 0, onEvents: () => undefined, onReset: () => undefined });
const live = () => eventually(() => expect(client.connection.state.name).toBe('live'));
const only = (): ServedSocket => [...server.sockets][0]!;
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('coming back', () => {
  it('does not, after a code that forbids it', async () => {
    watch();
    await live();
    only().socket.close(4501, 'forbidden');
    await eventually(() =>
      expect(client.connection.state).toEqual({ name: 'closed', reason: 'forbidden', code: 4501 }),
    );
    await expect(client.connection.request('ping', {})).rejects.toMatchObject({
      code: 'connection.closed',
      temporary: false,
    });
  });

  it('waits at least as long as the server asked at the close', async () => {
    watch();
    await live();
    server.pushAll({ type: 'closing', code: 4000, reason: 'draining', reconnectInMs: 60_000 });
    only().socket.close(4000);
    await eventually(() => expect(client.connection.state).toMatchObject({ name: 'offline', reason: 'draining' }));
    const { retryAt } = client.connection.state as { retryAt: number };
    expect(retryAt - Date.now()).toBeGreaterThan(50_000);
    client.connection.retryNow();
    await live();
  });

  it('waits at least as long as a refusal says', async () => {
    server.refusal = { status: 503, retryAfter: 60 };
    watch();
    await eventually(() => expect(client.connection.state).toMatchObject({ name: 'offline' }));
    const { retryAt } = client.connection.state as { retryAt: number };
    expect(retryAt - Date.now()).toBeGreaterThan(50_000);
  });

  it('opens one socket, however often it is told to try at once', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    server.refusal = { status: 503, retryAfter: 60 };
    watch();
    await eventually(() => expect(client.connection.state).toMatchObject({ name: 'offline' }));
    server.refusal = undefined;
    server.routes.set('POST /v1/connect', async () => {
      asked += 1;
      await held;
      return { status: 200, body: { url: server.streamUrl, ticket: `again-${asked}` } };
    });
    for (let n = 0; n < 3; n++) client.connection.retryNow();
    await eventually(() => expect(asked).toBeGreaterThan(0));
    client.connection.retryNow();
    answer();
    await live();
    expect(asked).toBe(1);
    expect(server.sockets.size).toBe(1);
  });

  it('asks for a new ticket each time', async () => {
    watch();
    await live();
    const first = only().query.get('ticket');
    server.cut();
    await eventually(() => expect(server.sockets.size).toBe(1));
    expect(only().query.get('ticket')).not.toBe(first);
  });

  it('tells which servers it has lost or not reached, until it has reached one', async () => {
    const asked: unknown[] = [];
    const named = ['s1', 's2', 's1', 's1'];
    server.routes.set('POST /v1/connect', ({ body }) => {
      const serverId = named[asked.length]!;
      asked.push((JSON.parse(body) as { avoid?: string[] }).avoid);
      // Nobody listens on port 1.
      return {
        status: 200,
        body: { serverId, url: serverId === 's2' ? 'ws://127.0.0.1:1/stream' : server.streamUrl, ticket: 't' },
      };
    });
    watch();
    await live();
    for (const attempts of [3, 4]) {
      server.cut();
      await eventually(() => expect(asked).toHaveLength(attempts));
      await live();
    }
    expect(asked).toEqual([undefined, ['s1'], ['s1', 's2'], ['s1']]);
  });

  it('stops when it is no longer signed in', async () => {
    server.routes.set('POST /v1/connect', () => ({
      status: 401,
      body: { error: { code: 'auth.required', message: 'sign in', temporary: false } },
    }));
    watch();
    await eventually(() =>
      expect(client.connection.state).toEqual({ name: 'closed', reason: 'sign in', code: 'auth.required' }),
    );
  });

  it('goes straight to a server with the token in the header, and stops when that is refused', async () => {
    client = connect({ streamUrl: server.streamUrl });
    watch();
    await live();
    expect(only().authorization).toBe('Bearer secret');
    server.refusal = { status: 401 };
    server.cut();
    await eventually(() => expect(client.connection.state).toMatchObject({ name: 'closed', code: 401 }));
  });

  it('notices a server that has gone silent without closing', async () => {
    client = connect({ timings: { quietMs: 40, deadMs: 40 } });
    server.onMessage = ({ type }) => (type === 'ping' ? undefined : 'default');
    watch();
    await live();
    const first = only();
    await eventually(() => expect(server.received.some(({ type }) => type === 'ping')).toBe(true));
    await eventually(() =>
      expect(states).toContainEqual(expect.objectContaining({ reason: 'no sign of life from the server' })),
    );
    await eventually(() => expect([...server.sockets].some((served) => served !== first)).toBe(true));
  });
});

describe('requests', () => {
  it('are at most sixteen in flight, and the others wait for their turn', async () => {
    const held: (() => void)[] = [];
    server.onMessage = ({ id }, { socket }) => {
      held.push(() => socket.send(JSON.stringify({ id, type: 'ok', data: id })));
      return undefined;
    };
    const replies = Promise.all(upTo(20).map((n) => client.connection.request('ping', { n })));
    await eventually(() => expect(held).toHaveLength(16));
    held[0]!();
    await eventually(() => expect(held).toHaveLength(17));
    for (let n = 1; n < 20; n++) {
      await eventually(() => expect(held.length).toBeGreaterThan(n));
      held[n]!();
    }
    expect(await replies).toHaveLength(20);
  });

  it('that were in flight at a cut are rejected as temporary, those not sent yet go out over the next connection', async () => {
    server.onMessage = ({ type }) => (type === 'run.cancel' ? undefined : 'default');
    client.connection.open();
    await live();
    const inFlight = client.connection.request('run.cancel', {});
    await eventually(() => expect(server.received).toHaveLength(1));
    server.cut();
    await expect(inFlight).rejects.toMatchObject({ code: 'connection.closed', temporary: true });
    await expect(client.connection.request('ping', {})).resolves.toHaveProperty('timestamp');
  });

  it('that the server called too large are not to be sent again', async () => {
    server.onMessage = () => undefined;
    const request = client.connection.request('results.report', {});
    await eventually(() => expect(server.received).toHaveLength(1));
    only().socket.close(1009, 'too large');
    await expect(request).rejects.toMatchObject({ temporary: false });
  });

  it('fail in time when no answer comes', async () => {
    server.onMessage = () => undefined;
    await expect(client.connection.request('ping', {}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'network.timeout',
    });
  });
});
