import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { isNative, LoadClient } from '../../bench/live/load-client.ts';
import { nowMicros, stampOf } from '../../bench/live/publishing.ts';

// Figures are worth what the client that counts notices: here it meets a server that loses and repeats events.

let server: WebSocketServer | undefined;
let client: LoadClient | undefined;
afterEach(async () => {
  await client?.stop();
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
});

const event = (offset: number, more = ''): string =>
  `{"offset":${offset},"type":"test.started","data":{"title":"${stampOf(nowMicros() - 5_000)}","more":"${more}"}}`;
const frame = (...events: string[]): string => `{"type":"events","room":"run:a/b","events":[${events.join(',')}]}`;

/** A room at offset 3; `onJoin` gets each socket, and the offset that it asked to go on from. */
async function clientOf(onJoin: (socket: WebSocket, offset: number | undefined) => void): Promise<LoadClient> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { data: asked } = JSON.parse(data.toString()) as { data: { offset?: number } };
      const reply = { room: 'run:a/b', kind: 'stream', epoch: 'e.1', offset: asked.offset ?? 3 };
      socket.send(JSON.stringify({ id: 1, type: 'ok', data: reply }));
      onJoin(socket, asked.offset);
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = LoadClient.start({ dialect: 'testcast', ports: [port], sockets: 1, rooms: 1, room: 'run:a/b' });
  return client;
}

it.runIf(isNative())('counts every event of frames of any size, missing and repeated ones too', async () => {
  const counting = await clientOf((socket) => {
    socket.send(frame(event(4), event(5)));
    socket.send(frame(event(6, 'x'.repeat(70_000)), event(7)));
    socket.send(frame(event(7)));
    socket.send(frame(event(10)));
  });
  const seen = await counting.until('all has come', ({ events }) => events === 6, 10_000);
  expect(seen).toMatchObject({ frames: 4, missing: 2, repeated: 1, errors: 0, ready: 1, behind: 0 });
});

it.runIf(isNative())('comes back with the offset that it has, and counts what it is sent again', async () => {
  const asked: (number | undefined)[] = [];
  const counting = await clientOf((socket, offset) => {
    asked.push(offset);
    if (offset === undefined) socket.send(frame(event(4), event(5)), () => socket.terminate());
    else socket.send(frame(event(5), event(6)));
  });
  const seen = await counting.until('it is back', ({ events }) => events === 4, 10_000);
  expect(asked).toEqual([undefined, 5]);
  expect(seen).toMatchObject({ lost: 1, reconnects: 1, repeated: 1, missing: 0 });
});

/** A server that sends a member to itself: on the second connection `onMoved` comes before the reply, `onIn` after it. */
async function movedBy(onMoved: string[], onIn: (offset: number) => string[]): Promise<LoadClient> {
  let port = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, { url = '' }) => {
    const isMoved = url.includes('migration=token');
    if (isMoved) for (const text of onMoved) socket.send(text);
    socket.on('message', (data: Buffer) => {
      const { data: asked } = JSON.parse(data.toString()) as { data: { offset?: number } };
      const reply = { room: 'run:a/b', kind: 'stream', epoch: 'e.1', offset: asked.offset ?? 3 };
      socket.send(JSON.stringify({ id: 1, type: 'ok', data: reply }));
      if (isMoved) for (const text of onIn(asked.offset!)) socket.send(text);
      else {
        socket.send(frame(event(4), event(5)));
        socket.send(JSON.stringify({ type: 'migrate', url: `ws://127.0.0.1:${port}`, token: 'token' }));
      }
    });
  });
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  client = LoadClient.start({ dialect: 'testcast', ports: [port], sockets: 1, rooms: 1, room: 'run:a/b' });
  return client;
}

it.runIf(isNative())('moves, and counts from the offset that it asked the other server for', async () => {
  const early = [frame(event(9), event(10))];
  const counting = await movedBy(early, (offset) => [frame(event(offset + 1)), frame(event(offset + 2))]);
  const seen = await counting.until('it has moved', ({ moved, events }) => moved === 1 && events === 6, 10_000);
  expect(seen).toMatchObject({ missing: 0, repeated: 0, overlapping: 2, lost: 0, reconnects: 0 });
});

it.runIf(isNative())('sees what the other server leaves out after a move, and what it sends twice', async () => {
  const counting = await movedBy([], (offset) => [frame(event(offset + 2)), frame(event(offset + 2))]);
  const seen = await counting.until('it has moved', ({ moved, events }) => moved === 1 && events === 4, 10_000);
  expect(seen).toMatchObject({ missing: 1, repeated: 1, moved: 1 });
});

it.runIf(isNative())('takes no event for a late one that was due before it joined', async () => {
  const counting = await clientOf((socket) => {
    const later = `{"offset":5,"data":{"title":"${stampOf(nowMicros() + 60_000_000)}"}}`;
    socket.send(frame(event(4), later));
  });
  const seen = await counting.until('both have come', ({ events }) => events === 2, 10_000);
  expect(seen).toMatchObject({ replayed: 1, latency: { count: 1 } });
});
