import { parseAllDocuments } from 'yaml';

export interface Rehearsal {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Connections of one gateway that the autoscaler aims at, and that one takes. */
  readonly target: number;
  readonly capacity: number;
  /** Seconds of the window and of the period of one step; the required ones where it is left out. */
  readonly up?: number | undefined;
  readonly down?: number | undefined;
}

export interface Surroundings {
  readonly url: string;
  readonly streamUrl: string;
  readonly redisUrls: readonly string[];
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  // oxlint-disable-next-line typescript/no-explicit-any -- Only what is rehearsed differently is touched.
  spec: any;
}

/**
 * What is deployed, with smaller numbers and the addresses of this machine. The balancers are left out: HAProxy finds gateways by
 * the cluster's DNS, which is not there.
 */
export function rehearsedManifests(base: string, rehearsal: Rehearsal, around: Surroundings): object[] {
  const objects = parseAllDocuments(base)
    .map((document) => document.toJS() as Manifest)
    .filter(({ kind, metadata }) => metadata.name !== 'balancer' || kind === 'NetworkPolicy');
  for (const object of objects) adapt(object, rehearsal, around);
  const secret = (name: string, stringData: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'testcast' },
    stringData,
  });
  return [
    ...objects,
    secret('testcast-database', { uri: around.databaseUrl }),
    secret('testcast-tokens', { 'jwt-secret': around.jwtSecret }),
  ];
}

function adapt({ kind, metadata, spec }: Manifest, rehearsal: Rehearsal, around: Surroundings): void {
  if (kind === 'HorizontalPodAutoscaler') {
    Object.assign(spec, { minReplicas: rehearsal.minReplicas, maxReplicas: rehearsal.maxReplicas });
    const connections = spec.metrics.find((metric: { type: string }) => metric.type === 'Pods');
    connections.pods.target.averageValue = String(rehearsal.target);
    pace(spec.behavior.scaleUp, rehearsal.up);
    pace(spec.behavior.scaleDown, rehearsal.down);
  }
  if (kind === 'Deployment' && metadata.name === 'projector') spec.replicas = 1;
  if (kind === 'Deployment' && metadata.name === 'gateway') {
    const { env } = spec.template.spec.containers[0];
    const set = (name: string, value: string): void => {
      const variable = env.find((one: { name: string }) => one.name === name);
      if (variable === undefined) env.push({ name, value });
      else variable.value = value;
    };
    set('PUBLIC_URL', around.url);
    set('PUBLIC_STREAM_URL', around.streamUrl);
    set('REDIS_URL', around.redisUrls.join(','));
    set('MAX_CONNECTIONS', String(rehearsal.capacity));
    set('LOG_LEVEL', 'warn');
  }
}

function pace(rules: { stabilizationWindowSeconds: number; policies: [{ periodSeconds: number }] }, to?: number): void {
  if (to === undefined) return;
  rules.stabilizationWindowSeconds = to;
  rules.policies[0].periodSeconds = to;
}
