/** A pod as the API server gives it, as far as stand-ins look into it. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds: number;
    readonly containers: readonly [PodContainer];
  };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

export interface HttpProbe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: HttpProbe;
  readonly readinessProbe: HttpProbe;
}

export const pathOf = ({ metadata }: Pod): string => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

/** Addresses of pods are of 10.244.0.0/16, since loopback addresses are no endpoints; here 127.244.0.0/16 stands for it. */
export const addressOf = (podIp: string): string => podIp.replace(/^10\./, '127.');

/** What a kubelet would give the container: values, secrets, fields, and `$(NAME)` of what came before. */
export async function environmentOf(
  pod: Pod,
  podIp: string,
  secret: (name: string, key: string) => Promise<string>,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of pod.spec.containers[0].env) {
    const { secretKeyRef, fieldRef } = valueFrom ?? {};
    if (secretKeyRef !== undefined) environment[name] = await secret(secretKeyRef.name, secretKeyRef.key);
    else if (fieldRef?.fieldPath === 'metadata.name') environment[name] = pod.metadata.name;
    else environment[name] = (value ?? '').replaceAll(/\$\((\w+)\)/g, (text, other) => environment[other] ?? text);
  }
  // Each pod has a network of its own; all addresses of it are, here, the one that stands for it.
  if (environment['HOST'] === '0.0.0.0') environment['HOST'] = addressOf(podIp);
  return environment;
}
