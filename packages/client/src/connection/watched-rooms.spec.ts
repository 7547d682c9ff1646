import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomEvent, ServerPush } from '@testcast/contracts';
import { createClient, type ConnectionState, type TestcastClient } from '../node.ts';
import { eventually } from '../fixtures/eventually.ts';
import { ProtocolServer, type ServedSocket } from '../fixtures/protocol-server.ts';

const room = 'run:shop/1';
const fast = { baseMs: 20, capMs: 40 };
const event = (n: number) => ({ type: 'noted', data: { n } });

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

function watch(from: { offset?: number; epoch?: string } = {}) {
  const seen: number[] = [];
  const resets: unknown[] = [];
  const ended: string[] = [];
  const handle = client.connection.watchStream(room, {
    ...from,
    onEvents: (events: readonly RoomEvent[]) => seen.push(...events.map(({ offset }) => offset)),
    onReset: (reset) => resets.push(reset),
    onEnd: (error) => ended.push(error.code),
  });
  return { handle, seen, resets, ended };
}

const live = () => eventually(() => expect(client.connection.state.name).toBe('live'));
const subscribes = () => server.received.filter(({ type }) => type === 'room.subscribe').map(({ data }) => data);
const only = (): ServedSocket => [...server.sockets][0]!;
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('a stream room', () => {
  it('tells what exists and what follows, each once, in order', async () => {
    server.append(room, event(1), event(2));
    const { seen } = watch({ offset: 0 });
    await live();
    server.append(room, event(3));
    await eventually(() => expect(seen).toEqual([1, 2, 3]));
    expect(states.slice(0, 3)).toEqual([{ name: 'catchingUp' }, { name: 'catchingUp', behind: 2 }, { name: 'live' }]);
  });

  it('without an offset begins with what comes from now on', async () => {
    server.append(room, event(1));
    const { seen, handle } = watch();
    await live();
    expect(handle.offset).toBe(1);
    server.append(room, event(2));
    await eventually(() => expect(seen).toEqual([2]));
  });

  it('misses nothing that came in one packet with the answer to its subscription', async () => {
    server.append(room, event(1));
    client.connection.open();
    await live();
    server.onMessage = ({ type }) => {
      if (type !== 'room.subscribe') return 'default';
      queueMicrotask(() => server.append(room, event(2)));
      return 'default';
    };
    const { seen } = watch();
    await eventually(() => expect(seen).toEqual([2]));
  });

  it('goes on from its own offset and epoch after a cut', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    server.append(room, event(1), event(2));
    await eventually(() => expect(seen).toEqual([1, 2]));
    server.cut();
    server.append(room, event(3));
    await eventually(() => expect(seen).toEqual([1, 2, 3]));
    expect(subscribes()).toEqual([
      { room, offset: 0 },
      { room, offset: 2, epoch: 'store.1' },
    ]);
    expect(states.some(({ name }) => name === 'offline')).toBe(true);
  });

  it('drops events that come again', async () => {
    server.onPush = (frame) => (frame.type === 'events' ? [frame, frame] : [frame]);
    const { seen } = watch({ offset: 0 });
    await live();
    for (const n of upTo(5)) server.append(room, event(n));
    await eventually(() => expect(seen).toEqual(upTo(5)));
  });

  it('asks again from its own offset when events are missing', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    server.onPush = (frame) => (frame.type === 'events' && frame.events[0]!.offset === 2 ? [] : [frame]);
    for (const n of upTo(2)) server.append(room, event(n));
    await eventually(() => expect(seen).toEqual([1]));
    server.onPush = undefined;
    server.append(room, event(3));
    await eventually(() => expect(seen).toEqual([1, 2, 3]));
    expect(subscribes().at(-1)).toEqual({ room, offset: 1, epoch: 'store.1' });
  });

  it('asks again when the head is ahead of it, so that a lost last event is found', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    server.onPush = (frame) => (frame.type === 'events' ? [] : [frame]);
    server.append(room, event(1));
    server.onPush = undefined;
    server.pushAll({ type: 'head', room, offset: 1 });
    await eventually(() => expect(seen).toEqual([1]));
  });

  it('gives up on an offset that the server never gets past', async () => {
    const { seen, resets } = watch({ offset: 0 });
    await live();
    server.onPush = (frame): ServerPush[] =>
      frame.type === 'events' ? [{ ...frame, events: frame.events.filter(({ offset }) => offset !== 2) }] : [frame];
    server.append(room, event(1), event(2), event(3));
    await eventually(() => expect(resets).toEqual([{ reason: 'nothing follows offset 1' }]));
    expect(seen).toEqual([1]);
  });

  it('says that the past has changed, and may be watched again at once', async () => {
    server.append(room, event(1));
    const seen: number[] = [];
    client.connection.watchStream(room, {
      offset: 1,
      epoch: 'store.1',
      onEvents: () => undefined,
      onReset: ({ reason, epoch }) => {
        expect({ reason, epoch }).toEqual({ reason: 'restored', epoch: 'store.2' });
        client.connection.watchStream(room, {
          offset: 0,
          onEvents: (events) => seen.push(...events.map(({ offset }) => offset)),
          onReset: () => undefined,
        });
      },
    });
    await live();
    server.pushAll({ type: 'reset', room, epoch: 'store.2', reason: 'restored' });
    await eventually(() => expect(seen).toEqual([1]));
  });

  it('says when the events after its offset cannot be sent, and which snapshot has them', async () => {
    server.onMessage = ({ id, type }) =>
      type === 'room.subscribe'
        ? {
            id,
            type: 'error',
            error: { code: 'room.unrecoverable', message: '', temporary: false, details: { asOf: 9 } },
          }
        : 'default';
    const { resets } = watch({ offset: 3, epoch: 'store.0' });
    await eventually(() => expect(resets).toEqual([{ reason: 'room.unrecoverable', asOf: 9 }]));
  });

  it('ends when the room is refused, and is asked for again when the refusal is temporary', async () => {
    const codes = ['store.unavailable', 'auth.forbidden'];
    server.onMessage = ({ id }) => {
      const code = codes.shift()!;
      return { id, type: 'error', error: { code, message: code, temporary: code === 'store.unavailable' } };
    };
    const { ended } = watch({ offset: 0 });
    await eventually(() => expect(ended).toEqual(['auth.forbidden']));
    expect(subscribes()).toHaveLength(2);
  });

  it('is watched once at a time', async () => {
    const { handle } = watch({ offset: 0 });
    expect(() => watch({ offset: 0 })).toThrow('watched already');
    handle.close();
    const again = watch({ offset: 0 });
    await live();
    server.append(room, event(1));
    await eventually(() => expect(again.seen).toEqual([1]));
  });
});

describe('migration', () => {
  const migrate = () =>
    server.pushAll({
      type: 'migrate',
      targetServer: 's2',
      url: server.streamUrl,
      token: 'm1',
      reason: 'rebalancing',
      deadlineMs: 5000,
    });

  it('opens the new connection before it lets the old one go, and tells every event once', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    const old = only();
    migrate();
    await eventually(() => {
      server.append(room, event(0));
      expect(server.sockets.size).toBe(1);
      expect(only()).not.toBe(old);
    });
    server.append(room, event(0));
    const count = server.events(room).length;
    await eventually(() => expect(seen).toEqual(upTo(count)));
    expect(only().query.get('migration')).toBe('m1');
    expect(states.some(({ name }) => name === 'offline')).toBe(false);
  });

  it('tries again when the other server is full for a moment', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    const old = only();
    server.refusal = { status: 503 };
    migrate();
    await eventually(() => expect(server.refused).toBeGreaterThan(1));
    server.refusal = undefined;
    await eventually(() => expect([...server.sockets].map(({ query }) => query.get('migration'))).toEqual(['m1']));
    expect(server.sockets.has(old)).toBe(false);
    server.append(room, event(1));
    await eventually(() => expect(seen).toEqual([1]));
    expect(states.some(({ name }) => name === 'offline')).toBe(false);
  });

  it('stays where it is when the new connection cannot be had', async () => {
    const { seen } = watch({ offset: 0 });
    await live();
    const old = only();
    server.refusal = { status: 401 };
    migrate();
    server.append(room, event(1));
    await eventually(() => expect(seen).toEqual([1]));
    server.refusal = undefined;
    old.socket.close(4003, 'migrated');
    server.append(room, event(2));
    await eventually(() => expect(seen).toEqual([1, 2]));
  });
});

describe('a state room', () => {
  const project = 'project:shop';
  function watchRows() {
    const rows = new Map<string, unknown>();
    let windows = 0;
    const handle = client.connection.watchState(project, {
      onItems: (changed, removed) => {
        for (const { key, value } of changed) rows.set(key, value);
        for (const key of removed) rows.delete(key);
      },
      onWindow: () => (windows += 1),
    });
    return { rows, handle, windows: () => windows };
  }

  it('has its window, then the latest of each row; what is null is gone', async () => {
    server.set(project, { key: 'a', version: 1, value: 'a1' }, { key: 'b', version: 1, value: 'b1' });
    const { rows } = watchRows();
    await live();
    expect(rows).toEqual(
      new Map([
        ['a', 'a1'],
        ['b', 'b1'],
      ]),
    );
    server.set(project, { key: 'a', version: 3, value: 'a3' });
    server.pushAll({ type: 'state', room: project, items: [{ key: 'a', version: 2, value: 'a2' }] });
    server.set(project, { key: 'b', version: 2, value: null });
    await eventually(() => expect(rows).toEqual(new Map([['a', 'a3']])));
  });

  it('after a reconnect is what the new window says, even where versions went back', async () => {
    server.set(project, { key: 'a', version: 5, value: 'a5' }, { key: 'b', version: 1, value: 'b1' });
    const { rows, windows } = watchRows();
    await live();
    server.cut();
    server.forget(project, 'b');
    server.set(project, { key: 'a', version: 4, value: 'after a fail-over' });
    await eventually(() => expect(windows()).toBe(2));
    expect(rows).toEqual(new Map([['a', 'after a fail-over']]));
  });

  it('is emptied by a reset and filled again', async () => {
    server.set(project, { key: 'a', version: 1, value: 'a1' });
    const { rows, windows } = watchRows();
    await live();
    server.forget(project, 'a');
    server.pushAll({ type: 'reset', room: project, reason: 'rebuilt' });
    await eventually(() => expect(windows()).toBe(2));
    expect(rows.size).toBe(0);
  });
});
