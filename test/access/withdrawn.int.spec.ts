import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '#platform/testing';
import { GatewayUnderTest } from './support/gateway-under-test.ts';
import { SocketUnderTest } from './support/socket.ts';

let gateway: GatewayUnderTest;
let streamUrl: string;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start(await createDatabase());
  streamUrl = `${gateway.origin.replace('http', 'ws')}/stream`;
});
afterAll(() => gateway?.stop());

async function open(address: string, token?: string): Promise<SocketUnderTest> {
  const opened = await SocketUnderTest.open(address, token);
  if (opened instanceof SocketUnderTest) return opened;
  throw new Error(`refused: ${JSON.stringify(opened)}`);
}

/** Signed in by a link of the key's holder, as a browser is. */
async function signedIn(key: string): Promise<string> {
  const link = (await gateway.call('POST', '/v1/sign-in-links', key, { grants: { shop: 'read' } })).body as {
    url: string;
  };
  const response = await fetch(`${gateway.origin}/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: link.url.split('#code=')[1] }),
  });
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

async function openAsPage(cookie: string): Promise<SocketUnderTest> {
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const response = await fetch(`${gateway.origin}/v1/connect`, { method: 'POST', headers, body: '{}' });
  const { ticket } = (await response.json()) as { ticket: string };
  return open(`${streamUrl}?ticket=${encodeURIComponent(ticket)}`);
}

it('a key that is revoked takes its open sockets with it, and those of who signed in by it', async () => {
  const { id, key } = await gateway.newKey({ shop: 'admin' });
  const kept = await open(streamUrl, (await gateway.newKey({ shop: 'admin' })).key);
  const closed = [await open(streamUrl, key), await openAsPage(await signedIn(key))].map((socket) => socket.closed());
  await gateway.asAdmin('DELETE', `/v1/keys/${id}`);
  expect(await Promise.all(closed)).toEqual([4500, 4500]);
  expect(await kept.request('ping', {})).toMatchObject({ type: 'ok' });
  kept.close();
});

it('who signs out loses the sockets of that browser, and of no other', async () => {
  const { key } = await gateway.newKey({ shop: 'admin' });
  const [cookie, other] = [await signedIn(key), await signedIn(key)];
  const closed = (await openAsPage(cookie)).closed();
  const kept = await openAsPage(other);
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  const response = await fetch(`${gateway.origin}/v1/sign-out`, { method: 'POST', headers });
  expect(response.status).toBe(204);
  expect(await closed).toBe(4500);
  expect(await kept.request('ping', {})).toMatchObject({ type: 'ok' });
  kept.close();
});
