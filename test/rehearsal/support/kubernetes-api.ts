import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export interface ApiError extends Error {
  readonly status: number;
}

const patch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';

/** The API of Kubernetes, as far as stand-ins for parts of a cluster speak it: JSON over HTTPS with a token. */
export class KubernetesApi {
  private readonly agent: Agent;

  constructor(
    private readonly server: string,
    private readonly token: string,
    authority: string,
  ) {
    this.agent = new Agent({ keepAlive: true, ca: readFileSync(authority), maxSockets: 8 });
  }

  get<T>(path: string): Promise<T> {
    return this.send('GET', path) as Promise<T>;
  }

  async list<T>(path: string): Promise<readonly T[]> {
    // From the cache of the API server, which follows within milliseconds.
    const { items } = await this.get<{ items: T[] }>(`${path}${path.includes('?') ? '&' : '?'}resourceVersion=0`);
    return items;
  }

  create(path: string, object: unknown): Promise<unknown> {
    return this.send('POST', path, object);
  }

  merge(path: string, object: unknown): Promise<unknown> {
    return this.send('PATCH', path, object, patch);
  }

  /** Conditions and containers are merged by their names. */
  mergeStatus(path: string, status: unknown): Promise<unknown> {
    return this.send('PATCH', `${path}/status`, { status }, strategicPatch);
  }

  /** What a kubelet says when a pod has ended: the object may go. */
  deleteNow(path: string): Promise<unknown> {
    return this.send('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 });
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<unknown> {
    const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${this.token}`,
      accept: 'application/json',
      // Node.js sends the body of a DELETE unframed, and the next request on the connection would be answered 400.
      ...(data === undefined ? {} : { 'content-type': type, 'content-length': data.length }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.server + path, { method, agent: this.agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(text === '' ? {} : JSON.parse(text));
          else reject(Object.assign(new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`), { status }));
        });
      });
      sent.on('error', reject);
      sent.setTimeout(10_000, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.end(data);
    });
  }
}
