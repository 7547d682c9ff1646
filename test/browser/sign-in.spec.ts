import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/chromium.ts';
import { Site } from './support/site.ts';

const run = promisify(execFile);
let site: Site;

async function stranger(): Promise<Page> {
  const page = await (await site.browser.newContext()).newPage();
  site.listen(page);
  return page;
}

describe.skipIf(chromiumPath === undefined)('a sign-in link', () => {
  beforeAll(async () => {
    site = await Site.start();
    await site.http.createProject({ projectId: 'shop' });
  });
  afterAll(async () => {
    await site?.stop();
  });

  it('signs one browser in, takes its code out of the address, and is of no use after that', async () => {
    const { url } = await site.http.createSignInLink({ shop: 'read' });
    const first = await stranger();
    await first.goto(url);
    await first.getByRole('link', { name: 'shop' }).waitFor();
    expect(first.url()).toBe(`${site.product.url}/`);
    // What is for who administers something is not offered to who only reads.
    expect(await first.getByRole('link', { name: 'Keys' }).count()).toBe(0);

    const second = await stranger();
    await second.goto(url);
    await second.getByRole('heading', { name: 'This link has been used, or has expired' }).waitFor();
    expect(second.url()).not.toContain('code');
    await second.goto(`${site.product.url}/p/shop`);
    await second.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });

  it('is made with the admin key by the command of the signed-out page, which tells a script how to do without', async () => {
    const page = await stranger();
    await page.goto(`${site.product.url}/p/shop`);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-signed-out-'));
    await mkdir(path.join(directory, '.testcast'));
    await writeFile(path.join(directory, '.testcast/admin.key'), `${await site.product.adminKey()}\n`);
    const answers: unknown[] = [];
    for (const command of await page.locator('pre').allInnerTexts()) {
      const { stdout } = await run('sh', ['-c', command], { cwd: directory });
      answers.push(JSON.parse(stdout));
    }
    await rm(directory, { recursive: true });
    const [{ url }, projects] = answers as [{ url: string }, object];
    expect(projects).toMatchObject({ items: [{ projectId: 'shop' }] });
    await page.goto(url);
    await page.getByRole('link', { name: 'Cluster' }).waitFor();
  });

  it('is made on the page of keys, where a key is shown once and revoked for good', async () => {
    const { page } = await site.visitor();
    await page.goto(`${site.product.url}/keys`);
    const form = page.locator('form', { has: page.getByRole('heading', { name: 'New key' }) });
    await form.getByLabel('Name').fill('nightly job');
    await form.getByLabel('Project 1', { exact: true }).fill('shop');
    await form.getByRole('button', { name: 'Create key' }).click();
    const key = await form.locator('code').innerText();
    const row = page.getByRole('row', { name: /nightly job/ });
    await row.getByText('shop: write').waitFor();
    const asks = async (): Promise<number> =>
      (await fetch(`${site.product.url}/v1/session`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await asks()).toBe(200);
    await row.getByRole('button', { name: 'Revoke nightly job' }).click();
    await row.getByRole('button', { name: 'Revoke nightly job for good' }).click();
    await row.waitFor({ state: 'detached' });
    await expect.poll(asks, { timeout: 15_000 }).toBe(401);
  });

  it('leads to pages that can be left: signing out ends the session', async () => {
    const { page } = await site.visitor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(site.complaints).toEqual([]);
  });
});
