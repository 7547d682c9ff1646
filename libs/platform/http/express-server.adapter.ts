import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { overdueEveryMs } from './server-limits.ts';

/**
 * Connections that the kernel holds until they are accepted, where it is allowed to (`net.core.somaxconn`). With Node's
 * own 511 it drops what a crowd sends beyond that, and a client tries again only after 1, 3, 7 … seconds.
 */
const acceptBacklog = 4_096;

/**
 * Express, over a server whose requests and responses are made with Express's prototypes. Express sets the prototypes of
 * each that has others, and V8 then has a hidden class for each request: every access to it, anywhere, misses its inline
 * cache. Made right, setting them changes nothing; a small POST costs the gateway about half as much.
 */
export class ExpressServerAdapter extends ExpressAdapter {
  override initHttpServer(options: NestApplicationOptions): void {
    if (options.httpsOptions !== undefined) throw new Error('TLS ends before the gateway');
    super.initHttpServer(options);
    const app = this.getInstance<Express>();
    this.httpServer = createServer({ ...madeFor(app), connectionsCheckingInterval: overdueEveryMs }, app);
  }

  override listen(port: string | number, ...rest: readonly (string | (() => void) | undefined)[]): Server {
    const host = rest.find((argument) => typeof argument === 'string');
    const listening = rest.find((argument) => typeof argument === 'function');
    return (this.httpServer as Server).listen({ port: Number(port), host, backlog: acceptBacklog }, listening);
  }
}

function madeFor(app: Express) {
  // Functions and not classes: a class's prototype cannot be chosen, and Reflect.construct makes a hidden class each time.
  function ExpressRequest(this: IncomingMessage, ...args: unknown[]): void {
    Reflect.apply(IncomingMessage, this, args);
  }
  function ExpressResponse(this: ServerResponse, ...args: unknown[]): void {
    Reflect.apply(ServerResponse, this, args);
  }
  ExpressRequest.prototype = app.request;
  ExpressResponse.prototype = app.response;
  return {
    IncomingMessage: ExpressRequest as unknown as typeof IncomingMessage,
    ServerResponse: ExpressResponse as unknown as typeof ServerResponse,
  };
}
