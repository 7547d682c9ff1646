import type { BackoffOptions } from './connection/backoff.ts';
import { dialByTicket, dialDirect } from './connection/dial.ts';
import type { LinkTimings } from './connection/link.ts';
import type { OpenSocket } from './connection/socket.ts';
import { TestcastConnection } from './connection/testcast-connection.ts';
import { TestcastHttp, type HttpOptions } from './http/testcast-http.ts';

/** Both ways to a server: calls that answer once, and a connection that keeps telling. */
export interface TestcastClient {
  readonly http: TestcastHttp;
  readonly connection: TestcastConnection;
}

export interface ClientOptions extends HttpOptions {
  /** Where the caller is, for servers in several regions. */
  region?: string | undefined;
  /** The address of one server's `/stream`, to go there straight with the token instead of asking which is best. Node only. */
  streamUrl?: string | undefined;
  backoff?: BackoffOptions | undefined;
  timings?: Partial<LinkTimings> | undefined;
}

/** The client over a given kind of socket; entries of this package choose the kind. */
export function clientOver(openSocket: OpenSocket, options: ClientOptions): TestcastClient {
  const http = new TestcastHttp(options);
  const { streamUrl, token, region, backoff, timings } = options;
  const dial =
    streamUrl !== undefined && token !== undefined ? dialDirect(streamUrl, token) : dialByTicket(http, region);
  return { http, connection: new TestcastConnection({ dial, openSocket, backoff, timings }) };
}
