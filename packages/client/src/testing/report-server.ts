import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ItemResult } from '@testcast/contracts';

export interface ReceivedRequest {
  readonly call: string;
  readonly query: Record<string, string>;
  readonly body: string;
  readonly authorization: string | undefined;
}
export interface ReportAnswer {
  status: number;
  body?: unknown;
  retryAfter?: number | undefined;
}

/** A small server that takes results over HTTP, for tests of senders: it stores each item once, by its text. */
export class ReportServer {
  readonly requests: ReceivedRequest[] = [];
  readonly stored = new Set<string>();
  /** Answers in place of the built-in one; `'cut'` = the connection breaks after storing, `'hang'` = none. */
  onRequest: ((request: ReceivedRequest) => ReportAnswer | 'cut' | 'hang' | undefined) | undefined;
  url = '';
  private readonly http: Server;

  private constructor() {
    this.http = createServer((request, response) => void this.handle(request, response));
  }

  static async start(port = 0): Promise<ReportServer> {
    const server = new ReportServer();
    await new Promise<void>((resolve) => server.http.listen(port, '127.0.0.1', resolve));
    server.url = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`;
    return server;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    if (!this.http.listening) return;
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  calls(call: string): ReceivedRequest[] {
    return this.requests.filter((request) => request.call === call);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const { authorization } = request.headers;
    const query = Object.fromEntries(searchParams);
    const received = { call: `${request.method} ${pathname}`, query, body, authorization };
    this.requests.push(received);
    const own = this.onRequest?.(received);
    if (own === 'hang') return;
    const { status, body: reply, retryAfter } = own === undefined || own === 'cut' ? this.answer(received) : own;
    if (own === 'cut') {
      request.socket.destroy();
      return;
    }
    const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(reply));
  }

  private answer({ call, body }: ReceivedRequest): ReportAnswer {
    if (!call.endsWith('/results')) return { status: 200, body: { offset: 1 } };
    const results = body.split('\n').map((line, index): ItemResult => {
      if ((JSON.parse(line) as { testId?: string }).testId === '') {
        return { index, status: 'rejected', error: { code: 'item.invalid', message: 'testId is empty' } };
      }
      const status = this.stored.has(line) ? 'duplicate' : 'appended';
      this.stored.add(line);
      return { index, status, offset: this.stored.size };
    });
    return { status: 200, body: { results } };
  }
}

export function errorAnswer(status: number, code: string, temporary = false): ReportAnswer {
  return { status, body: { error: { code, message: code, temporary } } };
}
