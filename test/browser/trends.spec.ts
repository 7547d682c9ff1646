import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/chromium.ts';
import { finished } from './support/results.ts';
import { Site } from './support/site.ts';

let site: Site;
let page: Page;

const address = (path: string): string => site.product.url + path;
const figure = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd');
const trendsOf = (projectId: string): string => address(`/p/${projectId}/trends`);

async function report(runId: string, ...results: ReturnType<typeof finished>[]): Promise<void> {
  const run = { projectId: 'shop', runId };
  await site.http.reportResults(run, results);
  await site.http.finishRun(run);
}

describe.skipIf(chromiumPath === undefined)('the trends of a project', () => {
  beforeAll(async () => {
    site = await Site.start();
    await site.http.createProject({ projectId: 'shop' });
    await site.http.createProject({ projectId: 'empty' });
    await report('first', finished(1), finished(2), finished(3, 'failed'), finished(4));
    ({ page } = await site.visitor());
  });
  afterAll(async () => {
    await site?.stop();
  });

  it('are a link away from its runs, tell what came, and grow when a run ends', async () => {
    await page.goto(address('/p/shop'));
    await page.getByRole('link', { name: 'Trends' }).click();
    await page.getByRole('heading', { name: 'Results by day' }).waitFor();
    // The projection may be behind the first look, which is made again with the next run.
    await report('second', finished(1), finished(2));
    await expect.poll(() => figure('Results').innerText(), { timeout: 15_000 }).toBe('6');
    expect(await figure('Pass rate').innerText()).toBe('83.3 %');
    expect(await figure('Failed').innerText()).toBe('1');
    await page.getByRole('img', { name: 'Bars of 6 results, 1 failed and 0 flaky; the most at once 6' }).waitFor();
    await page.getByRole('row', { name: / 6 83\.3 % 5 1 0 0 / }).waitFor();
  });

  it('are read bucket by bucket with the keyboard', async () => {
    await page.getByText(/: 6 results, 5 passed, 1 failed; pass rate 83\.3 %; half took up to/).waitFor();
    const days = page.getByRole('slider', { name: 'Day' });
    await days.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText(/: no results$/).waitFor();
    expect(await days.getAttribute('aria-valuetext')).toMatch(/: no results$/);
  });

  it('keep their time in an address that somebody else can open, and take what they cannot show for the usual', async () => {
    await page.getByLabel('Time').selectOption('last 7 days');
    await page.getByLabel('By', { exact: true }).selectOption('by hour');
    await page.getByRole('heading', { name: 'Results by hour' }).waitFor();
    await expect.poll(() => page.url()).toBe(`${trendsOf('shop')}?span=7d&by=hour`);
    await page.goto(page.url());
    await page.getByRole('heading', { name: 'Results by hour' }).waitFor();
    expect(await page.getByRole('slider').getAttribute('max')).toBe('167');
    await page.goto(`${trendsOf('shop')}?span=1y&by=hour`);
    await page.getByRole('heading', { name: 'Results by day' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toBe(address('/p/shop'));
  });

  it('say that there are none, and where to look', async () => {
    await page.goto(`${trendsOf('empty')}?span=24h`);
    await page.getByRole('heading', { name: 'No results in the last 24 hours' }).waitFor();
    await page.getByRole('link', { name: 'see the runs' }).click();
    await page.getByRole('heading', { name: 'empty waits for its first run' }).waitFor();
    expect(page.url()).toBe(address('/p/empty'));
  });

  it('say what went wrong, and are read again by hand', async () => {
    await page.goto(trendsOf('no-such'));
    await page.getByRole('heading', { name: 'The trends cannot be read' }).waitFor();
    await page.getByText('There is no project no-such.').waitFor();
    await page.route('**/trends?*', (route) => route.fulfill({ status: 400, json: {} }));
    await page.goto(trendsOf('shop'));
    await page.getByRole('heading', { name: 'The trends cannot be read' }).waitFor();
    await page.unroute('**/trends?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Results by day' }).waitFor();
    expect(site.complaints).toEqual([]);
  });
});
