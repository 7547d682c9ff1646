import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/chromium.ts';
import { finished, testIdOf } from './support/results.ts';
import { Site } from './support/site.ts';

let site: Site;
let page: Page;

const run = (runId: string) => ({ projectId: 'shop', runId });
const post = (runId: string, ...items: ReturnType<typeof finished>[]) => site.http.reportResults(run(runId), items);
const address = (path: string): string => site.product.url + path;
const counter = (outcome: string) => page.locator(`[data-counter="${outcome}"]`);
const badge = () => page.locator('[data-state] [role="status"]');

/** Waits for a locator's text, since pages follow the wire and not the test. */
async function shows(text: () => Promise<string>, wanted: string | RegExp): Promise<void> {
  await expect.poll(text, { timeout: 15_000 }).toMatch(wanted);
}

describe.skipIf(chromiumPath === undefined)('pages that are open while results come in', () => {
  beforeAll(async () => {
    site = await Site.start();
    await site.http.createProject({ projectId: 'shop' });
    ({ page } = await site.visitor());
  });
  afterAll(async () => {
    await site?.stop();
  });

  it('turn from the first command into a list when the first run begins, without a reload', async () => {
    await page.goto(address('/p/shop'));
    await page.getByRole('heading', { name: 'shop waits for its first run' }).waitFor();
    await page.getByRole('button', { name: /Create a key/ }).click();
    await page.getByText(/export TESTCAST_TOKEN='tc_/).waitFor();

    await site.http.startRun(run('live'), { name: 'Checks', branch: 'main', expectedTests: 4 });
    await post('live', finished(1), finished(2));
    const row = page.locator('[data-run="live"]');
    await row.waitFor();
    await shows(() => row.innerText(), /running[^]*Checks[^]*2 of 4 tests[^]*0 failed/);
    await post('live', finished(3, 'failed'));
    await shows(() => row.innerText(), /failing[^]*3 of 4 tests[^]*1 failed/);
    await post('live', finished(4));
    await site.http.finishRun(run('live'));
    await expect.poll(() => row.innerText(), { timeout: 15_000 }).toMatch(/failed[^]*4 of 4 tests/);
  });

  it('count, show failures first and end with the run', async () => {
    await page.goto(address('/p/shop/runs/move'));
    await page.getByRole('heading', { name: 'Waiting for the first result' }).waitFor();
    await site.http.startRun(run('move'), { name: 'It moves' });
    await post('move', finished(1), finished(2, 'failed'), finished(3, 'failed'));
    await shows(() => counter('failed').innerText(), '2');
    await shows(() => counter('passed').innerText(), '1');
    await page.getByRole('heading', { name: '2 failures' }).waitFor();
    await page.locator('[data-failure]').first().click();
    await page.getByText('at test (/app/tests/2.spec.ts:3:1)').waitFor();
    await post('move', finished(4));
    await shows(() => counter('passed').innerText(), '2');
    await site.http.finishRun(run('move'));
    await expect.poll(() => page.locator('main header').innerText(), { timeout: 15_000 }).toMatch(/^\W*failed/);
  });

  it('count a test that runs once, in the header, in the filters and in the list', async () => {
    const open = (index: number, kind: 'test.planned' | 'test.started') => ({ kind, testId: testIdOf(index), at: 1 });
    await site.http.reportResults(run('half'), [
      finished(1),
      finished(2, 'failed'),
      open(3, 'test.planned'),
      { ...open(4, 'test.started'), attempt: 1 },
    ]);
    await page.goto(address('/p/shop/runs/half'));
    await page.getByRole('heading', { name: '4 tests' }).waitFor();
    await page.getByRole('progressbar', { name: '2 of 4 known tests' }).waitFor();
    const counted = async () =>
      (await page.locator('[data-counter] b').allInnerTexts()).reduce((sum, text) => sum + Number(text), 0);
    expect(await counted()).toBe(4);
    await counter('running').click();
    await page.getByRole('heading', { name: '1 of 4 tests' }).waitFor();
    await counter('pending').click();
    await page.getByRole('heading', { name: '1 of 4 tests' }).waitFor();
    await site.http.finishRun(run('half'));
    await page.getByRole('heading', { name: '2 of 4 tests' }).waitFor();
    expect(await counted()).toBe(4);
  });

  it('keep filter, search and opened test in an address that somebody else can open', async () => {
    await page.goto(address('/p/shop/runs/move'));
    await counter('failed').click();
    await page.getByLabel('Search tests').fill('works 3');
    await page.getByRole('heading', { name: '1 of 4 tests' }).waitFor();
    await page.getByRole('option').click();
    await expect.poll(() => page.url()).toMatch(/outcome=failed/);
    await expect.poll(() => page.url()).toMatch(/q=works\+3.*test=|test=.*q=works\+3/);

    const other = await site.visitor();
    await other.page.goto(page.url());
    await other.page.getByRole('heading', { name: '1 of 4 tests' }).waitFor();
    await other.page.getByRole('complementary').getByText('expected 3 to be 0').waitFor();
    await other.context.close();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).not.toMatch(/test=/);
  });

  it('move by keys: over failures and tests, to the search, and back', async () => {
    await page.goto(address('/p/shop/runs/move'));
    await page.getByRole('heading', { name: '2 failures' }).waitFor();
    const focused = page.locator(':focus');
    await page.keyboard.press('f');
    const first = await focused.getAttribute('data-failure');
    await page.keyboard.press('f');
    expect(await focused.getAttribute('data-failure')).not.toBe(first);
    await page.keyboard.press('k');
    expect(await focused.getAttribute('data-failure')).toBe(first);
    await page.keyboard.press('Enter');
    await page.getByText('Copy the error').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused.getAttribute('role')).toBe('listbox');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').getByRole('heading', { name: 'works 2' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    expect(await focused.getAttribute('aria-label')).toBe('Search tests');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toBe(address('/p/shop'));
  });

  it('keep what is read in place when failures come in above, and say that there are new ones', async () => {
    await post('tall', ...Array.from({ length: 200 }, (_, index) => finished(100 + index)));
    await page.goto(address('/p/shop/runs/tall'));
    await page.getByRole('heading', { name: '200 tests' }).waitFor();
    await page.mouse.wheel(0, 2000);
    const read = page.getByRole('option', { name: 'works 180' });
    await read.waitFor();
    await expect.poll(async () => (await read.boundingBox())!.y).toBeLessThan(800);
    const before = (await read.boundingBox())!.y;
    await post('tall', ...Array.from({ length: 30 }, (_, index) => finished(index, 'failed')));
    await page.getByRole('button', { name: '30 new failures' }).waitFor();
    expect(Math.abs((await read.boundingBox())!.y - before)).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: '30 new failures' }).click();
    await page.getByRole('heading', { name: '30 failures' }).waitFor();
  });

  it.each([
    ['everything', { '*': 'read' }],
    ['a few projects', { shop: 'read', 'made-soon': 'read' }],
  ] as const)('show who reads %s the newest run of each project, and a project as it is made', async (who, grants) => {
    const { page: home, context } = await site.visitor({ grants });
    await home.locator('[data-project="shop"]').waitFor();
    await shows(() => home.locator('[data-state] [role="status"]').innerText(), /^Live$/);
    // The socket alone has to bring it.
    await home.route('**/v1/projects**', (route) => route.abort());
    const projectId = who === 'everything' ? 'made-now' : 'made-soon';
    const made = home.locator(`[data-project="${projectId}"]`);
    await site.http.startRun({ projectId, runId: 'first' }, { name: 'The first' });
    await shows(() => made.innerText(), /running[^]*The first[^]*0 failed[^]*just now/);
    await site.http.reportResults({ projectId, runId: 'first' }, [finished(1, 'failed')]);
    await shows(() => made.innerText(), /failing[^]*1 failed/);
    await site.http.startRun({ projectId, runId: 'second' }, { name: 'The second' });
    await expect.poll(() => made.innerText(), { timeout: 15_000 }).toMatch(/running[^]*The second/);
    await context.close();
  });

  it('offer to make a project that is not there, under the name that was asked for', async () => {
    await page.goto(address('/p/not-there'));
    await page.getByRole('heading', { name: 'There is no project not-there' }).waitFor();
    expect(await page.getByLabel('Id of the new project').inputValue()).toBe('not-there');
  });

  it('change their colours with the first click on the theme, and come back to those of the system', async () => {
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const ofSystem = await background();
    const toggle = page.getByRole('button', { name: /^Theme/ });
    await toggle.click();
    expect(await background()).not.toBe(ofSystem);
    await toggle.click();
    await toggle.click();
    expect(await toggle.getAttribute('title')).toBe('Theme: system');
    expect(await background()).toBe(ofSystem);
  });

  it('say that they are offline, and show everything when the server is back', async () => {
    await post('cut', finished(1));
    await page.goto(address('/p/shop/runs/cut'));
    await shows(() => badge().innerText(), /^Live$/);
    await site.product.gateway.stop();
    await shows(() => badge().innerText(), /^Offline since/);
    await page.getByRole('button', { name: 'Retry now' }).waitFor();
    await page.getByRole('heading', { name: '1 test' }).waitFor();
    await site.product.gateway.start();
    await post('cut', finished(2), finished(3, 'failed'));
    await shows(() => badge().innerText(), /^Live$/);
    await page.getByRole('heading', { name: '3 tests' }).waitFor();
    expect(await counter('failed').innerText()).toContain('1');
  });

  it('never asked for what the content security policy forbids, nor broke', () => {
    expect(site.complaints).toEqual([]);
  });
});
