import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import type { HttpOptions } from './http-options.ts';
import { requestLog } from './request-log.ts';
import { acceptProxied } from './proxy-protocol/proxied-connections.ts';
import { limitServer } from './server-limits.ts';
import { trustedProxy } from './trusted-proxy.ts';

/** Settings of the HTTP server itself: proxies, headers, time limits. Called once, before the app is initialised. */
export function configureHttp(app: NestExpressApplication, options: HttpOptions = {}): void {
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustedProxies ?? []);
  // Answers change with each event, and those to posts are never asked for again: hashing them all would buy nothing.
  app.set('etag', false);
  const secure = options.publicUrl?.startsWith('https:') === true;
  const headers = headersOf(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          // Sockets may be on another port or host than the page (STREAM_PORT, PUBLIC_STREAM_URL, a node of a cluster).
          connectSrc: ["'self'", 'ws:', 'wss:'],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Only over https: on plain http it would lock a host name to a scheme that nobody serves.
      strictTransportSecurity: secure,
      // The default, no-referrer, makes some browsers send `Origin: null` with posts of our own page.
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    }),
  );
  app.use((_: Request, response: Response, next: NextFunction) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  });
  if (options.logRequests === true) app.use(requestLog());
  limitServer(app.getHttpServer(), options.maxSockets);
  const { proxyProtocol: mode = 'off', trustedProxies = [] } = options;
  if (mode !== 'off') acceptProxied(app.getHttpServer(), { mode, trusts: trustedProxy(trustedProxies) });
}

/** What helmet sets, which is the same for each response: made once, since its twelve middlewares are a tenth of a small request. */
function headersOf(middleware: ReturnType<typeof helmet>): ReadonlyMap<string, string> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(response.req, response, (error) => {
    if (error !== undefined) throw error as Error;
  });
  const headers = Object.entries(response.getHeaders());
  return new Map(headers.map(([name, value]) => [name, String(value)]));
}
