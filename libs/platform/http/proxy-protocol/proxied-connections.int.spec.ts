import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { binaryHeader, textHeader } from '../fixtures/proxy-headers.ts';
import { trustedProxy } from '../trusted-proxy.ts';
import { acceptProxied, type ProxiedConnectionsOptions } from './proxied-connections.ts';

const proxy = '127.0.0.1';
const stranger = '127.0.0.2';
const header = binaryHeader({ family: 0x11, source: '203.0.113.9' });
const ask = Buffer.from('GET /who HTTP/1.1\r\nHost: a\r\n\r\n');

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server?.close(resolve));
});

/** Answers each request with the address that it came from, and the bytes of its body. */
async function listening(options: Partial<ProxiedConnectionsOptions> = {}): Promise<number> {
  server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => response.end(`<${request.socket.remoteAddress} ${bytes}>`));
  });
  acceptProxied(server, { mode: 'required', trusts: trustedProxy([proxy]), ...options });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** @returns what comes back until there is an answer with `<…>`, or the connection ends */
async function said(port: number, parts: readonly Buffer[], from = proxy): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
  sockets.push(socket);
  return answerOf(socket, parts);
}

async function answerOf(socket: Socket, parts: readonly Buffer[]): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('>')) resolve(text);
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  for (const part of parts) {
    await new Promise((resolve) => socket.write(part, resolve));
    // So that the server reads each by itself, as far as the system lets it.
    await turn();
  }
  return answer;
}

it.each([
  ['version 1', textHeader('TCP4', '203.0.113.9'), '203.0.113.9'],
  ['version 2', header, '203.0.113.9'],
  ['version 2 for IPv6', binaryHeader({ family: 0x21, source: '2001:db8::1' }), '2001:db8::1'],
])('takes the address that a trusted proxy says in %s', async (_, head, address) => {
  const port = await listening();
  expect(await said(port, [Buffer.concat([head, ask])])).toContain(`<${address} 0>`);
  expect(await said(port, [head, ask])).toContain(`<${address} 0>`);
  const bytes = [...head].map((byte) => Buffer.from([byte]));
  expect(await said(port, [...bytes, ask])).toContain(`<${address} 0>`);
});

it('reads the header once, and every request of the connection after it', async () => {
  const port = await listening();
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const body = Buffer.alloc(3_000_000, 'x');
  const post = Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
  expect(await answerOf(socket, [header, post, body])).toContain(`<203.0.113.9 ${body.length}>`);
  expect(await answerOf(socket, [ask])).toContain('<203.0.113.9 0>');
});

it('serves the health checks of the proxy itself', async () => {
  const port = await listening();
  const check = binaryHeader({ command: 0x20, family: 0x00 });
  expect(await said(port, [check, ask])).toContain(`<${proxy} 0>`);
});

it('closes a trusted proxy that says nothing of whom it speaks for, where it is required', async () => {
  const port = await listening();
  expect(await said(port, [ask])).toBe('');
});

it('serves a trusted peer without a header where it is optional', async () => {
  const port = await listening({ mode: 'optional' });
  expect(await said(port, [ask])).toContain(`<${proxy} 0>`);
  expect(await said(port, [header, ask])).toContain('<203.0.113.9 0>');
});

it.each(['required', 'optional'] as const)('closes who sends a broken header, where it is %s', async (mode) => {
  const port = await listening({ mode });
  const broken = binaryHeader({ command: 0x31, family: 0x11, source: '203.0.113.9' });
  expect(await said(port, [Buffer.concat([broken, ask])])).toBe('');
  expect(await said(port, [Buffer.from(`PROXY ${'x'.repeat(200)}`)])).toBe('');
});

it('believes nobody else: a stranger is served as itself, and its header is a broken request', async () => {
  const port = await listening();
  expect(await said(port, [ask], stranger)).toContain(`<${stranger} 0>`);
  for (const claim of [header, textHeader('TCP4', '203.0.113.9')]) {
    const answer = await said(port, [Buffer.concat([claim, ask])], stranger);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  }
});

it('closes a connection whose header does not end in time', async () => {
  const port = await listening({ withinMs: 50 });
  expect(await said(port, [header.subarray(0, 20)])).toBe('');
  expect(await said(port, [])).toBe('');
});

it('lets go of who leaves before it has said who it is', async () => {
  const port = await listening();
  const socket = connect(port, '127.0.0.1');
  await answerOf(socket.end(header.subarray(0, 5)), []);
  const count = await new Promise<number>((resolve) => server!.getConnections((_, open) => resolve(open)));
  expect(count).toBe(0);
});
