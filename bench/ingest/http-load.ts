import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { quantile } from '../support/figures.ts';

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
  /** Connections that each have one request in flight. */
  readonly connections: number;
  readonly itemsPerRequest: number;
  readonly seconds: number;
  /** Runs that the results are spread over. */
  readonly runs: number;
}

export interface LoadResult {
  readonly itemsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU that the generator itself took, in seconds. */
  readonly cpuSeconds: number;
}

/** Closed loop over keep-alive connections: each posts its next request when the answer to the last has arrived. */
export async function httpLoad(options: LoadOptions): Promise<LoadResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: options.connections });
  const until = performance.now() + options.seconds * 1000;
  const latencies: number[] = [];
  let items = 0;
  // Of each load its own, else a second one in the same project would repeat the results of the first.
  const load = randomUUID();
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const worker = async (index: number): Promise<void> => {
    for (let round = 0; performance.now() < until; round++) {
      const path = `/v1/projects/${options.projectId}/runs/load-${index % options.runs}/results`;
      const body = bodyOf(options, `${load}-${index}-${round}`);
      const sent = performance.now();
      // Not `items += await …`, which would add to what the sum was before the request, and lose what others counted.
      const answered = await post(agent, options, path, body);
      items += answered;
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, (_, index) => worker(index)));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    itemsPerSecond: items / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuSeconds: (user + system) / 1e6,
  };
}

function bodyOf({ itemsPerRequest }: LoadOptions, unique: string): string {
  const items = Array.from({ length: itemsPerRequest }, (_, n) => ({
    kind: 'test.finished',
    at: 1_700_000_000_000 + n,
    testId: `test/checkout/cart-${n % 40}.spec.ts::cart > adds an item ${unique}-${n}`,
    suite: ['cart'],
    title: `adds an item ${unique}-${n}`,
    attempt: 1,
    status: 'passed',
    durationMs: n % 300,
  }));
  return JSON.stringify(items);
}

function post(agent: http.Agent, { url, token }: LoadOptions, path: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const request = http.request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200) return reject(new Error(`${response.statusCode} ${text.slice(0, 300)}`));
        const { results } = JSON.parse(text) as { results: { status: string }[] };
        const refused = results.find(({ status }) => status !== 'appended');
        if (refused !== undefined) return reject(new Error(`not appended: ${JSON.stringify(refused)}`));
        resolve(results.length);
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
