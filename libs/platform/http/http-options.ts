import type { ProxyProtocol } from './proxy-protocol/proxied-connections.ts';

export interface HttpOptions {
  /** Addresses or subnets of proxies whose `X-Forwarded-*` headers count; none by default. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Whether what `trustedProxies` open begins with a header of the PROXY protocol; default `off`. */
  readonly proxyProtocol?: ProxyProtocol | undefined;
  /** Where people reach this server, if that is not what the request's Host says. */
  readonly publicUrl?: string | undefined;
  /** Paths open to everyone whose controllers carry no rule of ours, such as `/metrics`; what is below them too. */
  readonly openPaths?: readonly string[] | undefined;
  /** Files with a secret each, which opens the routes that name it and nothing else. */
  readonly tokenFiles?: Readonly<Record<string, string>> | undefined;
  /** Connections at once, upgraded ones included; no limit by default. */
  readonly maxSockets?: number | undefined;
  /** A line for each request, at the level `debug`. */
  readonly logRequests?: boolean | undefined;
}

export const httpOptions = Symbol('testcast:http-options');
