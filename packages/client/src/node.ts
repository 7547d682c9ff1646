import { openWs } from './connection/open-ws.ts';
import { clientOver, type ClientOptions, type TestcastClient } from './testcast-client.ts';

export * from './index.ts';

/** A client for Node 20 and newer: sockets by `ws`, with the token in the header where `streamUrl` is given. */
export function createClient(options: ClientOptions = {}): TestcastClient {
  return clientOver(openWs, options);
}
