import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { limitServer, serverTimes } from './server-limits.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function newTestServer(maxSockets?: number, times: Partial<typeof serverTimes> = {}): Promise<Server> {
  const server = createServer({ connectionsCheckingInterval: 20 }, (request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  limitServer(server, maxSockets, { ...serverTimes, ...times });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function connectTo(server: Server): Socket {
  return connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
}

async function all(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  return text;
}

it('who never ends the head of a request is told so and cut off', async () => {
  const socket = connectTo(await newTestServer(undefined, { head: 50 }));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  expect(await all(socket)).toMatch(/^HTTP\/1.1 408 /);
});

it('who never ends a request is cut off', async () => {
  const socket = connectTo(await newTestServer(undefined, { head: 40, request: 50 }));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
  expect(await all(socket)).toMatch(/^HTTP\/1.1 408 /);
});

it('who stalls in the middle of a request is cut off', async () => {
  const socket = connectTo(await newTestServer(undefined, { stall: 50 }));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
  expect(await all(socket)).toBe('');
});

it('one connection more than there may be is closed, and the others go on', async () => {
  const server = await newTestServer(1);
  const first = connectTo(server);
  await once(first, 'connect');
  expect(await all(connectTo(server))).toBe('');
  first.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await all(first)).toMatch(/^HTTP\/1.1 200 /);
});
