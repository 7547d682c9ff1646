import { openWebSocket } from './connection/open-web-socket.ts';
import { clientOver, type ClientOptions, type TestcastClient } from './testcast-client.ts';

/**
 * A client for browsers, and for runtimes that have a WebSocket of their own. In a page of the server's origin it needs
 * no options. For Node use the one of `@testcast/client/node`.
 */
export function createClient(options: ClientOptions = {}): TestcastClient {
  const client = clientOver(openWebSocket, options);
  // A browser knows when the network is back; waiting out the back-off then would only look broken.
  const retry = (): void => client.connection.retryNow();
  const page = globalThis as Partial<EventTarget>;
  page.addEventListener?.('online', retry);
  client.connection.onState(({ name }) => {
    if (name === 'closed') page.removeEventListener?.('online', retry);
  });
  return client;
}
