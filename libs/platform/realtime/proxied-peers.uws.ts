import type { UwsResponse } from './uws-binding.ts';

/** Whose headers of the PROXY protocol count. */
export interface ProxiedPeers {
  readonly trusts: (address: string) => boolean;
  /** Whether who is trusted has to send one. */
  readonly required: boolean;
}

/**
 * The client's address; undefined where the peer may not come so. uWebSockets.js reads a header of version 2 from whoever
 * sends one, so it is here that those of strangers are refused. Without `proxied` what headers say is passed over.
 */
export function clientOf(response: UwsResponse, proxied: ProxiedPeers | undefined): string | undefined {
  const peer = textOf(response.getRemoteAddressAsText());
  if (proxied === undefined) return peer;
  const said = response.getProxiedRemoteAddressAsText?.();
  const client = said === undefined ? '' : textOf(said);
  if (!proxied.trusts(peer)) return client === '' ? peer : undefined;
  if (client !== '') return client;
  return proxied.required ? undefined : peer;
}

const textOf = (address: ArrayBuffer): string => Buffer.from(address).toString();
