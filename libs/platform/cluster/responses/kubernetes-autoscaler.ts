import { readFile } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { z } from 'zod';

export interface KubernetesAutoscalerOptions {
  readonly namespace: string;
  readonly name: string;
  /** Of the API server, such as `https://kubernetes.default.svc`. */
  readonly apiUrl: string;
  /** Holds the token of the service account. */
  readonly tokenFile: string;
  /** Holds the certificates that the API server is known by. */
  readonly caFile: string;
}

const timeoutMs = 5000;
const mostBytes = 1024 * 1024;
const tries = 3;

const objectSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z.object({ minReplicas: z.int().min(0).default(1), maxReplicas: z.int().min(1) }),
  status: z.object({ currentReplicas: z.int().min(0).default(0) }).default({ currentReplicas: 0 }),
});

export interface AutoscalerState {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
}

/**
 * One HorizontalPodAutoscaler, by two calls of the Kubernetes API (autoscaling/v2), with what a pod is given for it: see
 * docs/adr/0027 for why no client library. Token and certificates are read for each call, since they are renewed.
 */
export class KubernetesAutoscaler {
  constructor(private readonly options: KubernetesAutoscalerOptions) {}

  async read(): Promise<AutoscalerState> {
    const { spec, status } = await this.object();
    return { ...spec, ...status };
  }

  /** Changes nothing else, and nothing that was changed since it was looked at. */
  async setMinReplicas(minReplicas: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { resourceVersion } = (await this.object()).metadata;
      const patch = { metadata: { resourceVersion }, spec: { minReplicas } };
      const { status, body } = await this.call('PATCH', JSON.stringify(patch));
      if (status === 200) return;
      if (status !== 409 || attempt === tries)
        throw new Error(`the Kubernetes API answered ${status}: ${reasonOf(body)}`);
    }
  }

  private async object(): Promise<z.infer<typeof objectSchema>> {
    const { status, body } = await this.call('GET');
    if (status !== 200) throw new Error(`the Kubernetes API answered ${status}: ${reasonOf(body)}`);
    return objectSchema.parse(JSON.parse(body));
  }

  private async call(method: 'GET' | 'PATCH', body?: string): Promise<{ status: number; body: string }> {
    const { apiUrl, namespace, name, tokenFile, caFile } = this.options;
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
    const url = new URL(path, apiUrl);
    const secure = url.protocol === 'https:';
    const [token, ca] = await Promise.all([readFile(tokenFile, 'utf8'), secure ? readFile(caFile) : undefined]);
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token.trim()}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, ca, signal: AbortSignal.timeout(timeoutMs) };
      const request = secure ? requestSecure(url, options) : requestPlain(url, options);
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > mostBytes) request.destroy(new Error('the answer of the Kubernetes API is too large'));
          chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      request.end(body);
    });
  }
}

/** Of a `Status` object; the text of the API names no secret. */
function reasonOf(body: string): string {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(body)).message.slice(0, 300);
  } catch {
    return 'no reason given';
  }
}
