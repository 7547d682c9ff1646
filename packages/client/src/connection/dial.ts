import type { TestcastHttp } from '../http/testcast-http.ts';
import type { TokenSource } from '../http/send-request.ts';
import type { SocketTarget } from './socket.ts';

/** Says where to open the next socket; throws TestcastError. `ticketed`: a refusal may be due to the ticket's age. */
export interface Dial {
  readonly ticketed: boolean;
  /** @param avoid servers that were lost or not reached just now */
  target(avoid: readonly string[]): Promise<SocketTarget>;
}

/** By `POST /v1/connect`: the best server, with a ticket. Works in browsers, where a socket cannot carry a token. */
export function dialByTicket(http: TestcastHttp, region?: string): Dial {
  return {
    ticketed: true,
    target: async (avoid) => {
      const { serverId, url, ticket } = await http.connect({ region, avoid: avoid.length === 0 ? undefined : avoid });
      return { url: withParameter(url, 'ticket', ticket), serverId };
    },
  };
}

/** Straight to one server with a token in the header: Node only. */
export function dialDirect(url: string, token: TokenSource): Dial {
  return {
    ticketed: false,
    target: async () => ({ url, token: typeof token === 'function' ? await token() : token }),
  };
}

/** `url` with one more query parameter. */
export function withParameter(url: string, name: string, value: string): string {
  const target = new URL(url);
  target.searchParams.set(name, value);
  return target.toString();
}
