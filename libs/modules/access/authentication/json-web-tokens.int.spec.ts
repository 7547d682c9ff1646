import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { SystemClock } from '#platform/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonWebTokens } from './json-web-tokens.ts';

const jwtSecret = 'a secret of more than thirty-two characters';
const soon = Math.floor(Date.now() / 1000) + 600;
const clock = new SystemClock();

interface TokenOptions {
  alg?: string;
  key?: Uint8Array | CryptoKey;
  claims?: Record<string, unknown>;
}
function token({
  alg = 'HS256',
  key = new TextEncoder().encode(jwtSecret),
  claims = {},
}: TokenOptions = {}): Promise<string> {
  return new SignJWT({ sub: 'ci', exp: soon, projects: { shop: 'write' }, ...claims })
    .setProtectedHeader({ alg, kid: 'k1' })
    .sign(key);
}

describe('tokens under a secret', () => {
  const tokens = new JsonWebTokens({ jwtSecret }, clock);

  it('give the caller of their claims', async () => {
    expect(await tokens.callerOf(await token())).toEqual({
      subject: 'ci',
      grants: { shop: 'write' },
      expiresAt: soon * 1000,
    });
  });

  it.each<[string, TokenOptions, string]>([
    ['that have expired', { claims: { exp: soon - 1000 } }, 'auth.expired'],
    ['without an expiry', { claims: { exp: undefined } }, 'auth.invalid'],
    ['without a subject', { claims: { sub: undefined } }, 'auth.invalid'],
    ['without projects', { claims: { projects: undefined } }, 'auth.invalid'],
    ['with a role that there is not', { claims: { projects: { shop: 'owner' } } }, 'auth.invalid'],
    [
      'under another secret',
      { key: new TextEncoder().encode('another secret of over thirty-two characters') },
      'auth.invalid',
    ],
    ['under another algorithm', { alg: 'HS512', key: new TextEncoder().encode(jwtSecret.repeat(2)) }, 'auth.invalid'],
  ])('%s are refused', async (_, options, code) => {
    await expect(tokens.callerOf(await token(options))).rejects.toMatchObject({ code });
  });

  it.each(['', 'x', 'x.y.z', 'e30.e30.'])('that are none (%j) are refused', async (text) => {
    await expect(tokens.callerOf(text)).rejects.toMatchObject({ code: 'auth.invalid' });
  });

  it('are held to issuer and audience where they are configured', async () => {
    const strict = new JsonWebTokens({ jwtSecret, jwtIssuer: 'us', jwtAudience: 'testcast' }, clock);
    await expect(strict.callerOf(await token({ claims: { iss: 'us', aud: 'testcast' } }))).resolves.toMatchObject({
      subject: 'ci',
    });
    await expect(strict.callerOf(await token({ claims: { iss: 'us', aud: 'other' } }))).rejects.toMatchObject({
      code: 'auth.invalid',
    });
    await expect(strict.callerOf(await token({ claims: { aud: 'testcast' } }))).rejects.toMatchObject({
      code: 'auth.invalid',
    });
  });

  it('are refused where no key is configured', async () => {
    const none = new JsonWebTokens({}, clock);
    await expect(none.callerOf(await token())).rejects.toMatchObject({ code: 'auth.invalid' });
  });
});

describe('tokens under published keys', () => {
  let server: Server;
  let tokens: JsonWebTokens;
  let privateKey: CryptoKey;
  let publicKeyText: string;
  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }] };
    publicKeyText = JSON.stringify(keys.keys[0]);
    server = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(keys)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    tokens = new JsonWebTokens({ jwksUrl }, clock);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('give the caller of their claims', async () => {
    expect(await tokens.callerOf(await token({ alg: 'ES256', key: privateKey }))).toMatchObject({ subject: 'ci' });
  });

  it('are refused when they are signed with the public key as if it were a secret', async () => {
    const forged = await token({ key: new TextEncoder().encode(publicKeyText) });
    await expect(tokens.callerOf(forged)).rejects.toMatchObject({ code: 'auth.invalid' });
  });

  it('may come again when the keys cannot be reached', async () => {
    const away = new JsonWebTokens({ jwksUrl: 'http://127.0.0.1:9/keys' }, clock);
    const signed = await token({ alg: 'ES256', key: privateKey });
    await expect(away.callerOf(signed)).rejects.toMatchObject({ code: 'auth.unavailable', temporary: true });
  });
});
