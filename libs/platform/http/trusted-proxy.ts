import express from 'express';

/** Whether a peer is one of the proxies, by the rule that Express has for `X-Forwarded-For`. */
export function trustedProxy(trustedProxies: readonly string[]): (address: string) => boolean {
  const app = express();
  app.set('trust proxy', trustedProxies);
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  // One whose peer has gone already has no address.
  return (address) => address !== '' && trusts(address, 0);
}
