import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ConnectReply } from '@testcast/contracts';
import { Authenticator } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TwoServers } from '../fixtures/two-servers.ts';

let servers: TwoServers;
beforeAll(async () => {
  servers = await TwoServers.start(await createDatabase());
});
afterAll(() => servers.stop());

describe('tickets for the socket', () => {
  const ticketFrom = async (at: NestExpressApplication, headers?: Record<string, string>): Promise<ConnectReply> =>
    (
      await servers.call<ConnectReply>('POST', '/v1/connect', {
        as: servers.adminKey,
        at,
        ...(headers === undefined ? {} : { headers }),
      })
    ).body;

  it('come with where to take them', async () => {
    const { host } = new URL(await servers.app.getUrl());
    expect(await ticketFrom(servers.app)).toMatchObject({
      serverId: 'server-1',
      url: `ws://${host}/stream`,
      connectionLimit: 100,
      currentLoad: 0,
    });
    const behindProxy = await ticketFrom(servers.app, {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'tests.example.com',
    });
    expect(behindProxy.url).toBe('wss://tests.example.com/stream');
  });

  it.each(['not a host', 'a/b', 'user@host', 'host:99999', '[::1', 'h\u00f6st'])(
    'are not given for a request whose Host is %j, and that is its mistake',
    async (host) => {
      const headers = { authorization: `Bearer ${servers.adminKey}`, host };
      const call = request(`${await servers.app.getUrl()}/v1/connect`, { method: 'POST', headers });
      const [response] = (await once(call.end(), 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(400);
      expect(JSON.parse(await text(response))).toMatchObject({ error: { code: 'request.invalid' } });
    },
  );

  it('are taken once by all servers behind one URL together', async () => {
    const { ticket } = await ticketFrom(servers.app);
    const authenticators = [servers.app.get(Authenticator), servers.second.get(Authenticator)];
    const uses = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => authenticators[index % 2]!.authenticate({ ticket })),
    );
    const taken = uses.filter((use) => use.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    expect(taken[0]!.value.grants).toEqual({ '*': 'admin' });
  });

  it('are each taken, however many come at once', async () => {
    const tickets = await Promise.all(Array.from({ length: 100 }, async () => (await ticketFrom(servers.app)).ticket));
    const callers = await Promise.all(
      tickets.map((ticket) => servers.second.get(Authenticator).authenticate({ ticket })),
    );
    expect(callers).toHaveLength(100);
  });
});
