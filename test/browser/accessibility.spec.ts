import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/chromium.ts';
import { finished } from './support/results.ts';
import { Site } from './support/site.ts';

let site: Site;

const pages: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
  ['projects', '/', (page) => page.getByRole('heading', { name: 'Projects' }).waitFor()],
  ['first run', '/p/empty', (page) => page.getByRole('heading', { name: /waits for its first run/ }).waitFor()],
  ['runs', '/p/shop', (page) => page.locator('[data-run]').first().waitFor()],
  ['trends', '/p/shop/trends?span=7d', (page) => page.getByRole('heading', { name: 'In figures' }).waitFor()],
  ['trends of nothing', '/p/empty/trends', (page) => page.getByRole('heading', { name: /^No results/ }).waitFor()],
  [
    'run',
    '/p/shop/runs/ended',
    async (page) => {
      await page.locator('[data-failure]').first().click();
      await page.getByText('Copy the error').waitFor();
    },
  ],
  [
    'opened test',
    '/p/shop/runs/ended?outcome=failed',
    async (page) => {
      await page.getByRole('option').first().click();
      await page.getByRole('complementary').getByText('Copy the error').waitFor();
    },
  ],
  ['keys', '/keys', (page) => page.getByRole('table').waitFor()],
  ['a cluster of one', '/cluster', (page) => page.getByText(/^One server: there is nobody/).waitFor()],
];

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    );
}

describe.skipIf(chromiumPath === undefined)('for everybody to use', () => {
  beforeAll(async () => {
    site = await Site.start();
    await site.http.createProject({ projectId: 'empty' });
    await site.http.createProject({ projectId: 'shop' });
    const ended = { projectId: 'shop', runId: 'ended' };
    await site.http.startRun(ended, {
      name: 'Nightly',
      branch: 'main',
      commit: 'abc1234',
      author: 'Ada',
      expectedTests: 5,
    });
    await site.http.reportResults(ended, [finished(1), finished(2, 'failed'), finished(3, 'failed')], {
      shardId: '1of2',
    });
    await site.http.finishRun(ended);
    await site.http.reportResults({ projectId: 'shop', runId: 'open' }, [finished(1)]);
  });
  afterAll(async () => {
    await site?.stop();
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    let page: Page;
    // One visitor for all pages: the server takes ten sign-ins a minute from one address.
    beforeAll(async () => {
      ({ page } = await site.visitor({ colorScheme }));
    });

    it.each(pages)('the page of %s', async (_name, path, ready) => {
      await page.goto(site.product.url + path);
      await ready(page);
      expect(await violations(page)).toEqual([]);
    });
  });
});
