import type { Type } from '@nestjs/common';

export interface HttpOptions {
  /** Addresses or subnets of proxies whose `X-Forwarded-*` headers count; none by default. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Where people reach this server, if that is not what the request's Host says. */
  readonly publicUrl?: string | undefined;
  /** Controllers of other packages that carry no rule of ours and are open to everyone (`/metrics`). */
  readonly publicControllers?: readonly Type[] | undefined;
}

export const httpOptions = Symbol('testcast:http-options');
