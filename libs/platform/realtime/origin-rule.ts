import type { UpgradeRequest } from './realtime-engine.ts';

/**
 * Which pages may connect: browsers send the page's origin and do not hold sockets to the same-origin rule, so the server
 * must. Clients that are no browsers send none.
 */
export class OriginRule {
  private readonly origins: ReadonlySet<string>;
  private readonly all: boolean;

  constructor(options: { publicUrl?: string | undefined; allowedOrigins?: readonly string[] | undefined }) {
    const configured = options.allowedOrigins ?? [];
    this.all = configured.includes('*');
    const named = configured.filter((origin) => origin !== '*');
    if (options.publicUrl !== undefined) named.push(options.publicUrl);
    this.origins = new Set(named.map((origin) => new URL(origin).origin));
  }

  allows({ headers, pagePort }: Pick<UpgradeRequest, 'headers' | 'pagePort'>): boolean {
    const { origin, host } = headers;
    if (origin === undefined || this.all) return true;
    const page = URL.canParse(origin) ? new URL(origin) : undefined;
    // A sandboxed page or a file says "null", which is nobody's origin.
    if (page === undefined || page.origin === 'null') return false;
    if (this.origins.has(page.origin)) return true;
    const requested = urlOf(host, page.protocol);
    if (requested === undefined) return false;
    if (page.host === requested.host) return true;
    if (pagePort === undefined) return false;
    requested.port = String(pagePort);
    return page.host === requested.host;
  }
}

/** The request's host as a URL of the page's scheme, which leaves out the scheme's default port. */
function urlOf(host: string | undefined, protocol: string): URL | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return host !== undefined && URL.canParse(url) ? new URL(url) : undefined;
}
