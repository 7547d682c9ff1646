import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { TestcastHttp } from '@testcast/client';
import { createClient, type TestcastClient } from '@testcast/client/node';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, RedisCluster } from '#platform/testing';
import { GatewayCluster } from '../e2e/support/gateway-cluster.ts';
import { chromiumPath } from './support/chromium.ts';

const connections = 10;

describe.skipIf(chromiumPath === undefined || !hasRedis())('the page of a cluster', () => {
  let redis: RedisCluster;
  let cluster: GatewayCluster;
  let browser: Browser;
  let page: Page;
  const clients: TestcastClient[] = [];

  beforeAll(async () => {
    redis = await RedisCluster.start();
    cluster = await GatewayCluster.start(2, redis.urls);
    const key = await cluster.adminKey();
    const [first] = cluster.gateways;
    for (let count = 0; count < connections; count++) {
      const client = createClient({ url: first!.url, streamUrl: first!.streamUrl, token: key });
      clients.push(client);
      client.connection.open();
    }
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    // A busy machine is no failure.
    page.setDefaultTimeout(60_000);
    const { url } = await new TestcastHttp({ url: first!.url, token: key }).createSignInLink({ '*': 'admin' });
    await page.goto(url);
    await page.getByRole('link', { name: 'Cluster' }).click();
    await row('gateway-1').waitFor();
  });
  afterAll(async () => {
    for (const { connection } of clients) connection.close();
    await browser?.close();
    await cluster?.stop();
    await redis?.stop();
  });

  const row = (serverId: string) => page.locator(`[data-server="${serverId}"]`);

  it('shows each server with what it holds, and who decides', async () => {
    await row('gateway-2').getByText('up').waitFor();
    await row('gateway-1')
      .getByText(/^1\d of 2,500$/)
      .waitFor();
    await page.getByText('leader', { exact: true }).first().waitFor();
    await page.getByText('Events in the log').waitFor();
    expect(await row('gateway-1').getByRole('meter').getAttribute('aria-valuetext')).toMatch(/of 2,500, \d+ %$/);
  });

  it.each(['light', 'dark'] as const)('is for everybody to use in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
  });

  it('says what a rebalance will do, lets it be, and by the keyboard does it; its moves come without a reload', async () => {
    const rebalance = page.getByRole('button', { name: 'Rebalance the cluster' });
    await rebalance.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^Moves up to about \d+ connections?, so that every server is near 0\.\d %/).waitFor();
    await page.keyboard.press('Escape');
    await rebalance.waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    const move = page.locator('[data-move]').first();
    await move.getByText('asked for').waitFor();
    await move.getByRole('progressbar', { name: 'Moved from gateway-1 to gateway-2' }).waitFor();
    await move.getByText('done').waitFor();
    expect(await move.getByRole('progressbar').getAttribute('aria-valuetext')).toMatch(/^([1-9]\d*) of \1$/);
  });

  it('drains a server and takes it back', async () => {
    await row('gateway-2').getByRole('button', { name: 'Drain gateway-2' }).click();
    await row('gateway-2')
      .getByText(/^gateway-2 takes nobody any more/)
      .waitFor();
    await row('gateway-2').getByRole('button', { name: 'Drain gateway-2 now' }).click();
    await row('gateway-2').getByText('drained').waitFor();
    await row('gateway-2').getByText('empty: nobody is connected').waitFor();
    await page
      .getByText(/^1 server up, 1 drained/)
      .first()
      .waitFor();
    await row('gateway-2').getByRole('button', { name: 'Take back gateway-2' }).click();
    await row('gateway-2').getByRole('button', { name: 'Take back gateway-2 now' }).click();
    await row('gateway-2').getByRole('button', { name: 'Drain gateway-2' }).waitFor();
    expect(await row('gateway-2').getByRole('cell').first().textContent()).toContain('up');
  });

  it('shows what went wrong beside the button', async () => {
    await page.route('**/undrain', (route) => route.abort());
    await page.route('**/drain', (route) => route.abort());
    await row('gateway-2').getByRole('button', { name: 'Drain gateway-2' }).click();
    await row('gateway-2').getByRole('button', { name: 'Drain gateway-2 now' }).click();
    await row('gateway-2').getByRole('alert').waitFor();
    await row('gateway-2').getByRole('button', { name: 'Leave it' }).click();
    expect(await row('gateway-2').getByRole('alert').count()).toBe(0);
  });
});
