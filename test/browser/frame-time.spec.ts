import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { chromiumPath } from './support/chromium.ts';
import { finished } from './support/results.ts';
import { Site } from './support/site.ts';

/** 100,000 for the figure that the documentation tells; fewer here, so that the suite does not wait for it. */
const tests = Number(process.env['FRAME_TIME_TESTS'] ?? 10_000);
const perSecond = 1000;
const seconds = 5;
const batch = 100;

const run = { projectId: 'shop', runId: 'large' };
let site: Site;

describe.skipIf(chromiumPath === undefined)('a large run at a thousand results a second', () => {
  beforeAll(async () => {
    site = await Site.start();
    await site.http.createProject({ projectId: 'shop' });
    for (let at = 0; at < tests; at += 500) {
      // Every other number is left for what comes while the page is open: it goes in everywhere.
      const items = Array.from({ length: Math.min(500, tests - at) }, (_, index) => finished(2 * (at + index)));
      await site.http.reportResults(run, items);
    }
  });
  afterAll(async () => {
    await site?.stop();
  });

  it('shows each, holds what is read in place, and says how much script a frame took', async () => {
    const { page, context } = await site.visitor();
    await page.goto(`${site.product.url}/p/shop/runs/large`);
    const heading = (count: number) =>
      page.getByRole('heading', { name: `${count.toLocaleString('en')} tests`, exact: true });
    await heading(tests).waitFor({ timeout: 90_000 });
    // Past the last place where something will come in, so that all of it comes in above.
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight * 0.75)');
    // A row in view: those of before the scroll are still there for a moment, and then gone with what they measure.
    const key = await eventually(async () => {
      const inView = await page.evaluate<string | null>(
        `[...document.querySelectorAll('[role=option][data-test]')].find((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return top > 100 && bottom < innerHeight;
        })?.getAttribute('data-test') ?? null`,
      );
      expect(inView).not.toBeNull();
      return inView;
    });
    const read = page.locator(`[data-test="${key}"]`);
    const place = (await read.boundingBox())!.y;

    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    await page.evaluate('window.frames_ = 0; (function tick() { frames_ += 1; requestAnimationFrame(tick); })()');
    const script = async (): Promise<number> =>
      (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ScriptDuration')!.value *
      1000;
    const [before, begin] = [await script(), performance.now()];
    const sent = perSecond * seconds;
    for (let at = 0; at < sent; at += batch) {
      await site.http.reportResults(
        run,
        Array.from({ length: batch }, (_, index) => finished(2 * (at + index) + 1)),
      );
      const ahead = begin + ((at + batch) * 1000) / perSecond - performance.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    await heading(tests + sent).waitFor({ timeout: 30_000 });
    const took = performance.now() - begin;
    const frames = Number(await page.evaluate('frames_'));
    console.log(
      `${tests} tests, ${Math.round((sent * 1000) / took)} results/s: ` +
        `${(((await script()) - before) / frames).toFixed(2)} ms of script a frame, ${Math.round((frames * 1000) / took)} frames/s`,
    );
    expect(Math.abs((await read.boundingBox())!.y - place)).toBeLessThanOrEqual(1);
  });
});
