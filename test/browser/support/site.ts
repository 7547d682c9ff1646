import { type Grants, TestcastHttp } from '@testcast/client';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { Product } from '../../e2e/support/product.ts';
import { chromiumPath } from './chromium.ts';

interface Visit {
  readonly colorScheme?: 'light' | 'dark';
  /** Default: admin of everything. */
  readonly grants?: Grants;
}

/** The product with its pages, and a browser that is signed in. Whatever a page complains about is kept. */
export class Site {
  readonly complaints: string[] = [];

  private constructor(
    readonly product: Product,
    readonly browser: Browser,
    readonly http: TestcastHttp,
  ) {}

  static async start(): Promise<Site> {
    const product = await Product.start();
    try {
      const browser = await chromium.launch({
        executablePath: chromiumPath!,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      });
      return new Site(product, browser, new TestcastHttp({ url: product.url, token: await product.adminKey() }));
    } catch (error) {
      await product.stop();
      throw error;
    }
  }

  /** A fresh browser profile, signed in over a link. */
  async visitor({ grants = { '*': 'admin' }, ...look }: Visit = {}): Promise<{ context: BrowserContext; page: Page }> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...look });
    const page = await context.newPage();
    this.listen(page);
    const { url } = await this.http.createSignInLink(grants);
    await page.goto(url);
    await page.waitForURL(`${this.product.url}/`);
    return { context, page };
  }

  listen(page: Page): void {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.complaints.push(message.text());
    });
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.product.stop();
  }
}
