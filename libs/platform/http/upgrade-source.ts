import type { IncomingHttpHeaders } from 'node:http';
import express, { type Request } from 'express';
import { sourceOf } from './request-origin.ts';

/** What of an upgrade tells where it comes from. */
interface Upgrade {
  readonly headers: IncomingHttpHeaders;
  /** The peer's address. */
  readonly remoteAddress: string;
}

/**
 * What rates of upgrades are counted by, by the very rule of requests. Upgrades pass Express by, and counted by the peer's
 * address all clients behind one proxy would share one rate.
 */
export function upgradeSource(trustedProxies: readonly string[]): (upgrade: Upgrade) => string {
  const app = express();
  app.set('trust proxy', trustedProxies);
  return ({ headers, remoteAddress }) => {
    const request = Object.create(app.request) as Request;
    return sourceOf(Object.assign(request, { headers, socket: { remoteAddress } }));
  };
}
