import type { AutoscalingV2Api, ConfigurationOptions, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { z } from 'zod';

export interface KubernetesAccess {
  /** Of the API server, such as `https://kubernetes.default.svc`. */
  readonly apiUrl: string;
  /** Holds the token of the service account. */
  readonly tokenFile: string;
  /** Holds the certificates that the API server is known by. */
  readonly caFile: string;
}

export interface KubernetesClient {
  readonly autoscaling: AutoscalingV2Api;
  /** Of a call that merges what it sends into what is there. */
  readonly merging: () => ConfigurationOptions;
  /** What the API answered instead of doing it: its status, and an error for people. */
  readonly refusalOf: (error: unknown) => { readonly status: number | undefined; readonly error: Error };
}

const timeoutMs = 5000;

/**
 * Kubernetes' own client, with what a pod is given to call the API: token and certificates are read anew as they are renewed.
 * The library is a thousand modules, half a second and 70 MB, so it is loaded by those who call.
 */
export async function connectToKubernetes({ apiUrl, tokenFile, caFile }: KubernetesAccess): Promise<KubernetesClient> {
  const library = await import('@kubernetes/client-node');
  const access = new library.KubeConfig();
  // Without TLS there is nothing to verify, and the library wants to hear that.
  const trust = apiUrl.startsWith('http:') ? { skipTLSVerify: true } : { skipTLSVerify: false, caFile };
  access.loadFromOptions({
    clusters: [{ name: 'cluster', server: apiUrl, ...trust }],
    users: [{ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
    contexts: [{ name: 'pod', cluster: 'cluster', user: 'pod' }],
    currentContext: 'pod',
  });
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(apiUrl, {}),
    authMethods: { default: access },
    promiseMiddleware: [giveUpInTime],
  });
  return {
    autoscaling: new library.AutoscalingV2Api(configuration),
    merging: () => library.setHeaderOptions('Content-Type', library.PatchStrategy.MergePatch),
    refusalOf(error) {
      if (error instanceof library.ApiException) {
        const { code: status, body } = error;
        return { status, error: new Error(`the Kubernetes API answered ${status}: ${reasonOf(body)}`) };
      }
      if (!(error instanceof Error)) return { status: undefined, error: new Error(String(error)) };
      const late = error.name === 'AbortError';
      return { status: undefined, error: late ? new Error('the Kubernetes API did not answer in time') : error };
    },
  };
}

/** The library itself waits for ever. */
const giveUpInTime = {
  pre: (request: RequestContext): Promise<RequestContext> => {
    request.setSignal(AbortSignal.timeout(timeoutMs));
    return Promise.resolve(request);
  },
  post: (response: ResponseContext): Promise<ResponseContext> => Promise.resolve(response),
};

/** Of a `Status` object; the text of the API names no secret. */
function reasonOf(body: unknown): string {
  try {
    return z
      .object({ message: z.string() })
      .parse(JSON.parse(String(body)))
      .message.slice(0, 300);
  } catch {
    return 'no reason given';
  }
}
