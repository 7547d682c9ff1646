import type { INestApplication, WsMessageHandler } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AbstractWsAdapter } from '@nestjs/websockets';
import { isObservable, lastValueFrom } from 'rxjs';
import { gatewaysOf, giveErrorFilter, refuseConnectionHooks } from './gateway-classes.ts';
import type { MessageHandler } from './handler-table.ts';
import { RealtimeServer } from './realtime-server.ts';

type Callback = WsMessageHandler['callback'];

/** Stands for the client in what Nest binds to one: handlers find theirs in the message. */
const nobody = Object.freeze({ on: nothing, once: nothing, emit: nothing });

/**
 * Makes the gateways of Nest handle messages of the realtime server.
 *
 * Nest binds every handler of every gateway again for each socket that connects. This adapter lets each gateway class
 * connect once, at the start, with a client that is nobody, and puts all handlers into one table.
 */
export class RealtimeAdapter extends AbstractWsAdapter {
  private readonly server: RealtimeServer;

  /** To be made before the application is initialised, and given to `useWebSocketAdapter`. */
  constructor(app: INestApplication) {
    super(app);
    this.server = app.get(RealtimeServer);
    for (const gateway of gatewaysOf(app.get(ModulesContainer))) {
      refuseConnectionHooks(gateway);
      giveErrorFilter(gateway);
    }
  }

  create(): RealtimeServer {
    return this.server;
  }

  override bindClientConnect(_server: RealtimeServer, connect: (client: unknown) => void): void {
    connect(nobody);
  }

  override bindClientDisconnect(): void {
    // Nobody never disconnects.
  }

  bindMessageHandlers(_client: unknown, handlers: WsMessageHandler[]): void {
    for (const { message, callback } of handlers)
      this.server.handlers.add(message, this.surrounded(handlerOf(callback)));
  }

  override async close(): Promise<void> {
    await this.server.drain();
  }

  /** Asked once, at the start: without anything around it a message meets no more than its handler. */
  private surrounded(handler: MessageHandler): MessageHandler {
    const { aroundHandler } = this.server;
    return aroundHandler === undefined ? handler : (message) => aroundHandler(message, () => handler(message));
  }
}

// An error never gets here: the filter has settled the message, and the result that Nest hands back says nothing.
function handlerOf(callback: Callback): MessageHandler {
  return async (message) => {
    const result: unknown = await callback(message);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  };
}

function nothing(): void {}
