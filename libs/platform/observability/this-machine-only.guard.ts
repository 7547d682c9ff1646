import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';

/** What an HTTP adapter's request has that this guard looks at. */
export interface RequestOrigin {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Proxies say so by one of these. */
const saidByProxies = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'];

/**
 * Passes what a process of this machine asks by itself. A proxy beside the server has an address of this machine as well: what
 * it passes on is refused where it says that it does, by a header, or by the PROXY protocol, which gives the socket another address.
 * To whoever is refused there is no such route.
 */
@Injectable()
export class ThisMachineOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (isOfThisMachine(context.switchToHttp().getRequest<RequestOrigin>())) return true;
    throw new NotFoundException();
  }
}

export function isOfThisMachine({ socket, headers }: RequestOrigin): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const isLoopback = address === '::1' || address.startsWith('127.');
  return isLoopback && saidByProxies.every((name) => headers[name] === undefined);
}
