import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { HttpOptions } from './http-options.ts';

/** The largest report on a slow line: 256 MiB at 2.5 Mbit/s take a quarter of an hour. */
const requestTimeoutMs = 15 * 60_000;

/** Settings of the HTTP server itself: proxies, headers, time limits. Called once, before the app is initialised. */
export function configureHttp(app: NestExpressApplication, options: HttpOptions = {}): void {
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustedProxies ?? []);
  const secure = options.publicUrl?.startsWith('https:') === true;
  app.use(
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
  const server = app.getHttpServer();
  server.requestTimeout = requestTimeoutMs;
}
