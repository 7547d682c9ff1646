import { createServer } from 'node:http';
import { connect } from 'node:net';
import { DomainError } from '#platform/kernel';
import { chooseEngine } from '#platform/realtime';
import { hasUws, uwsPackage } from '#platform/testing';
import { expect, it } from 'vitest';

const handshake =
  'GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
const signature = '0d0a0d0a000d0a515549540a';
const headers = {
  IPv4: Buffer.from(`${signature}2111000ccb0071097f00000110002000`, 'hex'),
  IPv6: Buffer.from(`${signature}2121002420010db8${'0'.repeat(23)}120010db8${'0'.repeat(23)}110002000`, 'hex'),
  no: Buffer.alloc(0),
};

/** Whom an upgrade comes from, as the server's admission sees it; refused when it does not see it at all. */
async function seenBy(required: boolean, trusts: (address: string) => boolean, header: Buffer): Promise<string> {
  const engine = chooseEngine({
    engine: 'uws',
    host: '127.0.0.1',
    port: 0,
    uwsPackage,
    proxied: { required, trusts },
  });
  let seen = 'refused';
  const http = createServer();
  const host = {
    admit: ({ remoteAddress }: { remoteAddress: string }, _: unknown, refuse: (error: DomainError) => void) => {
      seen = remoteAddress;
      refuse(new DomainError('auth.required'));
    },
    open: () => {
      throw new Error('nobody is let in');
    },
  };
  engine.start(host, http);
  const socket = connect(engine.port!, '127.0.0.1');
  socket.write(Buffer.concat([header, Buffer.from(handshake)]));
  socket.resume();
  await new Promise((resolve) => socket.on('close', resolve));
  engine.stop();
  return seen;
}

it.runIf(hasUws())('uWebSockets.js takes the word of a trusted proxy, and of nobody else', async () => {
  const [all, none] = [() => true, () => false];
  expect(await seenBy(true, all, headers.IPv4)).toBe('203.0.113.9');
  expect(await seenBy(true, all, headers.IPv6)).toMatch(/^2001:0?db8:.*1$/);
  expect(await seenBy(true, all, headers.no)).toBe('refused');
  expect(await seenBy(false, all, headers.no)).toBe('127.0.0.1');
  expect(await seenBy(true, none, headers.no)).toBe('127.0.0.1');
  expect(await seenBy(true, none, headers.IPv4)).toBe('refused');
});
