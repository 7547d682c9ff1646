import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonLogger } from '#platform/observability';
import { createDatabase, eventually } from '#platform/testing';
import { type RunningGateway, startGateway } from '../bootstrap.ts';
import { readGatewayConfig } from '../gateway.config.ts';

const secret = 'a secret that is long enough for HS256';

interface Partition {
  partition: number;
  slots: number[];
}
interface PartitionList {
  items: Partition[];
  work?: { what: string; state: string; error?: string };
}

describe('an admin of everything', () => {
  let gateway: RunningGateway;
  let admin: string;
  let shopAdmin: string;
  beforeAll(async () => {
    const config = readGatewayConfig({ DATABASE_URL: await createDatabase(), PORT: '0', JWT_SECRET: secret });
    const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
    gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
    [admin, shopAdmin] = await Promise.all([tokenOf({ '*': 'admin' }), tokenOf({ shop: 'admin' })]);
  });
  afterAll(() => gateway?.stop());

  async function call(method: string, path: string, body?: object, token = admin) {
    const response = await fetch(`${gateway.url}/v1/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as PartitionList & { error?: { code: string } } };
  }

  it('sees the partitions, and has one split while it looks on', async () => {
    const { body } = await call('GET', 'partitions');
    expect(body.items).toHaveLength(32);
    const { partition, slots } = body.items.find((each) => each.slots.length > 1)!;
    expect(await call('POST', `partitions/${partition}/split`)).toMatchObject({
      status: 202,
      body: { what: `split of ${partition}`, state: 'running' },
    });
    expect(await call('POST', 'partitions/rebalance')).toMatchObject({
      status: 503,
      body: { error: { code: 'store.unavailable' } },
    });
    await eventually(
      async () => {
        const { body: now } = await call('GET', 'partitions');
        expect(now.work).toMatchObject({ state: 'done' });
        expect(now.items).toHaveLength(33);
        expect(now.items.find((each) => each.partition === partition)!.slots.length).toBeLessThan(slots.length);
      },
      { within: 15_000, every: 200 },
    );
  });

  it('is told what a partition that is not there cannot do', async () => {
    await call('POST', 'partitions/9999/split');
    await eventually(async () => {
      expect((await call('GET', 'partitions')).body.work).toMatchObject({ state: 'failed' });
    });
    expect((await call('POST', 'partitions/x/split')).body.error?.code).toBe('request.invalid');
  });

  it('sees what is parked, and may order it to be replayed or discarded', async () => {
    expect(await call('GET', 'parked')).toEqual({ status: 200, body: { items: [] } });
    for (const order of ['replay', 'discard']) {
      expect(await call('POST', `parked/${order}`, { stream: 'run:shop/1' })).toEqual({
        status: 200,
        body: { outcomes: [] },
      });
    }
    expect((await call('POST', 'parked/replay', {})).body.error?.code).toBe('request.invalid');
  });

  it('is the only one who may', async () => {
    for (const [method, path] of [
      ['GET', 'partitions'],
      ['POST', 'partitions/1/split'],
      ['POST', 'partitions/rebalance'],
      ['GET', 'parked'],
      ['POST', 'parked/discard'],
    ] as const) {
      const { status, body } = await call(method, path, method === 'POST' ? { stream: 's' } : undefined, shopAdmin);
      expect({ status, code: body.error?.code }).toEqual({ status: 403, code: 'auth.forbidden' });
    }
  });
});

function tokenOf(projects: Record<string, string>): Promise<string> {
  return new SignJWT({ projects })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}
