import type { Caller } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TwoServers } from '../fixtures/two-servers.ts';

let servers: TwoServers;
beforeAll(async () => {
  servers = await TwoServers.start(await createDatabase());
});
afterAll(() => servers.stop());

describe('signing in', () => {
  const ownPage = { 'sec-fetch-site': 'same-origin' };

  async function newCode(as = servers.adminKey, grants: Caller['grants'] = { '*': 'read' }): Promise<string> {
    const { body } = await servers.call<{ url: string }>('POST', '/v1/sign-in-links', { as, body: { grants } });
    expect(body.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#code=/);
    return body.url.split('#code=')[1]!;
  }
  // Each from an address of its own, so that the limit of attempts is met by its own test only.
  let people = 0;
  function signIn(code: string, from = `192.0.2.${(people += 1)}`): Promise<Answer<{ error: { code: string } }>> {
    return servers.call('POST', '/v1/sign-in', { body: { code }, headers: { 'x-forwarded-for': from } });
  }
  async function session(as?: string, grants?: Caller['grants']): Promise<string> {
    return (await signIn(await newCode(as, grants))).cookie!;
  }

  it('takes a code once, also when many come with it at once', async () => {
    const code = await newCode();
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(code)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  it('gives a cookie that scripts and other sites do not get', async () => {
    const { cookieAttributes } = await signIn(await newCode());
    expect(cookieAttributes).toMatch(/^testcast_session=/);
    expect(cookieAttributes).toMatch(/; HttpOnly/);
    expect(cookieAttributes).toMatch(/; SameSite=Strict/);
    expect(cookieAttributes).not.toMatch(/Secure/);
  });

  it('gives a cookie for https only where the page came by https', async () => {
    const code = await newCode();
    const { cookieAttributes } = await servers.call('POST', '/v1/sign-in', {
      body: { code },
      headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' },
    });
    expect(cookieAttributes).toMatch(/; Secure/);
  });

  it('lets the page of our own read and write, and pages elsewhere not', async () => {
    const cookie = await session(servers.adminKey, { '*': 'admin' });
    const { body } = await servers.call<{ grants: object }>('GET', '/v1/session', { headers: { cookie } });
    expect(body.grants).toEqual({ '*': 'admin' });
    const post = (headers: Record<string, string>, projectId: string) =>
      servers.call('POST', '/v1/projects', { body: { projectId }, headers: { cookie, ...headers } });
    expect((await post(ownPage, 'by-page')).status).toBe(201);
    for (const headers of [{ 'sec-fetch-site': 'same-site' }, { origin: 'http://127.0.0.1:1' }, {}] as Record<
      string,
      string
    >[]) {
      expect(await post(headers, 'by-others')).toMatchObject({ status: 403, body: { error: { code: 'auth.origin' } } });
    }
  });

  it('ends by signing out', async () => {
    const cookie = await session();
    expect((await servers.call('POST', '/v1/sign-out', { headers: { cookie, ...ownPage } })).status).toBe(204);
    expect((await servers.call('GET', '/v1/session', { headers: { cookie } })).status).toBe(401);
  });

  it('ends with the key that it was made under', async () => {
    const { id, key } = await servers.newKey({ shop: 'admin' });
    const cookie = await session(key, { shop: 'read' });
    const code = await newCode(key, { shop: 'read' });
    expect((await servers.call('GET', '/v1/session', { headers: { cookie } })).status).toBe(200);
    await servers.call('DELETE', `/v1/keys/${id}`, { as: servers.adminKey });
    expect((await servers.call('GET', '/v1/session', { headers: { cookie } })).status).toBe(401);
    expect((await signIn(code)).status).toBe(401);
  });

  it('lasts for 30 days, and no longer than the key that it was made under', async () => {
    const until = async (key: string) => {
      const headers = { cookie: await session(key, { shop: 'read' }) };
      return (await servers.call<{ expiresAt: number }>('GET', '/v1/session', { headers })).body.expiresAt;
    };
    expect(await until((await servers.newKey({ shop: 'admin' })).key)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    const expiresAt = Date.now() + 3_600_000;
    const { key } = await servers.newKey({ shop: 'admin' }, { expiresAt });
    expect(await until(key)).toBe(expiresAt);
    const soon = Date.now() + 60_000;
    const { key: last } = await servers.newKey({ shop: 'admin' }, { expiresAt: soon });
    const body = { grants: { shop: 'read' } };
    const link = await servers.call<{ expiresAt: number }>('POST', '/v1/sign-in-links', { as: last, body });
    expect(link.body.expiresAt).toBe(soon);
  });

  it('does not make itself last longer by a link that it makes', async () => {
    const expiresAt = Date.now() + 3_600_000;
    const { key } = await servers.newKey({ shop: 'admin' }, { expiresAt });
    const headers = { cookie: await session(key, { shop: 'admin' }), ...ownPage };
    const body = { grants: { shop: 'admin' } };
    const { body: link } = await servers.call<{ url: string }>('POST', '/v1/sign-in-links', { headers, body });
    const { body: again } = await signIn(link.url.split('#code=')[1]!);
    expect(again).toMatchObject({ expiresAt });
  });

  it('cannot be had by a link that is made while its key is revoked, here or by a server that does not know yet', async () => {
    const { id, key } = await servers.newKey({ shop: 'admin' });
    const body = { grants: { shop: 'read' } };
    const cookie = await session(key, { shop: 'admin' });
    const makers = [
      { as: key, body, at: servers.second },
      { headers: { cookie, ...ownPage }, body, at: servers.second },
    ];
    for (const maker of makers) expect((await servers.call('POST', '/v1/sign-in-links', maker)).status).toBe(201);
    const database = servers.app.get(DataSource);
    const links = await database.transaction(async (tx) => {
      await tx.query('select from api_keys where key_id = $1 for update', [id]);
      const waiting = makers.map((maker) => servers.call('POST', '/v1/sign-in-links', maker));
      await eventually(async () => {
        const [{ n }] = await database.query<[{ n: number }]>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(n).toBe(2);
      });
      await tx.query('update api_keys set revoked_at = now() where key_id = $1', [id]);
      return waiting;
    });
    for (const link of await Promise.all(links)) {
      expect(link).toMatchObject({ status: 401, body: { error: { code: 'auth.invalid' } } });
    }
  });

  it('hands out no more than the maker of the link is admin of', async () => {
    const { key } = await servers.newKey({ shop: 'admin' });
    const { status } = await servers.call('POST', '/v1/sign-in-links', { as: key, body: { grants: { '*': 'read' } } });
    expect(status).toBe(403);
  });

  it('refuses a code that has expired', async () => {
    const code = await newCode();
    await servers.app.get(DataSource).query(`update sign_in_codes set expires_at = now() - interval '1 second'`);
    expect(await signIn(code)).toMatchObject({ status: 401, body: { error: { code: 'auth.invalid' } } });
  });

  it('is slowed down for who guesses', async () => {
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt += 1) statuses.push((await signIn('guess', '203.0.113.9')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  });
});
