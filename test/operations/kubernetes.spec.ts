import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { parse } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { gatewaySettings, readGatewayConfig } from '#apps/gateway/gateway.config';
import { projectorSettings, readProjectorConfig } from '#apps/projector/projector.config';
import { selfSigned } from './support/certificate.ts';
import type { Container, Manifest } from './support/manifest.ts';
import { Kustomizer } from './support/kustomization.ts';
import { renderedInstallations, withPatch } from './support/manifests.ts';
import { type Schema, schemaProblems } from './support/schema-problems.ts';

const schemas = JSON.parse(readFileSync('test/operations/support/kubernetes-schemas.json', 'utf8')) as Record<
  string,
  Schema
>;
const own = mkdtempSync(path.join(tmpdir(), 'testcast-overlays-'));
afterAll(() => rmSync(own, { recursive: true }));

const rendered = renderedInstallations(own);
const production = rendered.get('production')!;

describe.each([...rendered.keys()])('the manifests of %s', (installation) => {
  const objects = rendered.get(installation)!;

  it('have only fields that the API server and the operators know', () => {
    const problems = objects.flatMap((object) => {
      const name = `${object.apiVersion} ${object.kind}`;
      const schema = schemas[name];
      if (schema === undefined) return [`no schema of ${name}: see scripts/kubernetes-schemas.mjs`];
      return schemaProblems(schema, object, `${object.kind}/${object.metadata.name}`);
    });
    expect(problems).toEqual([]);
  });

  it('hold no secret, and run nothing that could be root or write to its image', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const { spec } of objects.filter(({ kind }) => kind === 'Deployment')) {
      const pod = spec.template.spec;
      // A token of the API is for whom a component gives one, and for nobody else.
      expect(pod.automountServiceAccountToken).toBe(pod.serviceAccountName !== undefined);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of pod.containers as Container[]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const { name, value = '' } of container.env ?? []) {
          expect(/SECRET|PASSWORD|KEY$/.test(name) && value !== '', `${name} is written out`).toBe(false);
          // What comes from a secret is put in by name.
          expect(value).not.toMatch(/:\/\/[^/@]*:[^$/@][^/@]*@/);
        }
      }
    }
  });

  it('set what the gateway and the projector read, to values that they take', () => {
    const gateway = environmentOf('gateway', Object.keys(gatewaySettings.shape));
    const projector = environmentOf('projector', Object.keys(projectorSettings.shape));
    expect(() => readGatewayConfig(gateway)).not.toThrow();
    expect(() => readProjectorConfig(projector)).not.toThrow();
  });

  /** Fails for a name that no setting has. */
  function environmentOf(name: string, settings: readonly string[]): Record<string, string> {
    const { env = [] } = containerOf(name, objects);
    const usedByOthers = new Set(
      env.flatMap(({ value = '' }) => [...value.matchAll(/\$\((\w+)\)/g)].map(([, v]) => v)),
    );
    const unknown = env.filter(({ name: n }) => !settings.includes(n) && !usedByOthers.has(n) && n !== 'NODE_ENV');
    expect(unknown).toEqual([]);
    const filled = env.map(({ name: n, value }) => [n, fromSecret(n, value)] as const);
    return Object.fromEntries(filled);
  }
});

function fromSecret(name: string, value: string | undefined): string {
  if (value !== undefined) return value.replaceAll(/\$\(\w+\)/g, 'from-a-secret');
  return name === 'DATABASE_URL'
    ? 'postgresql://testcast:from-a-secret@testcast-postgres-rw:5432/testcast'
    : 'g'.repeat(64);
}

it('scale gateways as it was required', () => {
  const { spec } = objectOf('HorizontalPodAutoscaler', 'gateway');
  expect(spec).toMatchObject({ minReplicas: 4, maxReplicas: 20 });
  expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'gateway' });
  expect(spec.metrics).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } } },
    {
      type: 'Pods',
      pods: { metric: { name: 'websocket_connections' }, target: { type: 'AverageValue', averageValue: '2000' } },
    },
  ]);
  expect(spec.behavior).toEqual({
    scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }] },
    scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 25, periodSeconds: 300 }] },
  });
  // An apply would undo what the autoscaler decided.
  expect(objectOf('Deployment', 'gateway').spec).not.toHaveProperty('replicas');
});

it('give gateways the cores, the memory and the places that were required', () => {
  const { resources, env } = containerOf('gateway', production);
  expect(resources).toEqual({ requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '4', memory: '8Gi' } });
  expect(env).toContainEqual({ name: 'MAX_CONNECTIONS', value: '2500' });
});

it('keep gateways that an outage of the database has made unready from being evicted all at once', () => {
  const policyOf = (name: string) => objectOf('PodDisruptionBudget', name).spec.unhealthyPodEvictionPolicy as unknown;
  expect(policyOf('gateway')).toBe('IfHealthyBudget');
  // These hold nothing: one that is not ready would only keep its node.
  expect([policyOf('projector'), policyOf('balancer')]).toEqual(['AlwaysAllow', 'AlwaysAllow']);
});

it('give a gateway time to tell the balancers, and then its sockets, before it is killed', () => {
  const pod = objectOf('Deployment', 'gateway').spec.template.spec;
  const { env, lifecycle } = containerOf('gateway', production);
  const delay = Number(env!.find(({ name }) => name === 'STOP_DELAY_SECONDS')!.value);
  const drainSeconds = 30;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(delay + drainSeconds);
  // A hook would only put off the moment from which on the gateway is not ready.
  expect(lifecycle).toBeUndefined();
  const configuration = readFileSync('deploy/kubernetes/base/balancer/haproxy.cfg', 'utf8');
  const checks = /check inter (\d+)s fastinter (\d+)ms downinter 5s fall (\d+) rise 2/.exec(configuration)!;
  const [inter, fastinter, fall] = checks.slice(1).map(Number);
  // Whatever DNS says meanwhile; a check may take a while to be answered by a gateway that is busy.
  const seen = inter! + (fall! - 1) * (fastinter! / 1000);
  expect(delay).toBeGreaterThanOrEqual(seen + 3);
  for (const what of ['nx', 'other', 'refused', 'timeout']) expect(configuration).toContain(`  hold ${what} 1h\n`);
  expect(configuration).not.toMatch(/^[^#]*on-marked-down shutdown-sessions/m);
});

it.each([
  ['gateway', 'http', { http: 'PORT', metrics: 'METRICS_PORT' }],
  ['projector', 'metrics', { metrics: 'METRICS_PORT' }],
])('ask the %s for its health where it listens', (name, port, settings) => {
  const container = containerOf(name, production);
  const listens = (setting: string) => Number(container.env!.find((variable) => variable.name === setting)!.value);
  expect(container.ports).toEqual(
    Object.entries(settings).map(([its, setting]) => ({ name: its, containerPort: listens(setting) })),
  );
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
  expect(probes.map((probe) => probe?.httpGet)).toEqual([
    { path: '/health/live', port },
    { path: '/health/ready', port },
    { path: '/health/live', port },
  ]);
  // The image has what is started.
  expect(container.command!.at(-1)).toBe(`dist/run/${name}/main.js`);
});

describe('the services of production', () => {
  it('are as many as it was required', () => {
    expect(objectOf('Cluster', 'testcast-postgres').spec).toMatchObject({
      instances: 3,
      postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'required' } },
    });
    expect(objectOf('KafkaNodePool', 'broker').spec.replicas).toBe(3);
    expect(objectOf('KafkaTopic', 'testcast.events').spec).toEqual({
      partitions: 32,
      replicas: 3,
      config: { 'retention.ms': 7 * 24 * 3_600_000, 'min.insync.replicas': 2, 'cleanup.policy': 'delete' },
    });
    const { clusterSize, redisLeader, redisFollower } = objectOf('RedisCluster', 'testcast-redis').spec;
    expect([clusterSize, redisLeader.replicas, redisFollower.replicas]).toEqual([3, 3, 3]);
    const redis = objectOf('ConfigMap', 'testcast-redis').data!['redis-additional.conf'];
    for (const line of ['maxmemory-policy allkeys-lru', 'appendonly yes', 'save 900 1']) expect(redis).toContain(line);
    expect(objectOf('Deployment', 'balancer').spec.replicas).toBe(2);
  });

  it('are watched under the name that alerts ask for', () => {
    const [, job] = /up\{job="(\w+)"\}/.exec(readFileSync('deploy/prometheus/alerts.yml', 'utf8'))!;
    for (const name of ['gateway', 'projector']) {
      const { jobLabel } = objectOf('PodMonitor', name).spec;
      expect(objectOf('Deployment', name).spec.template.metadata.labels[jobLabel]).toBe(job);
    }
  });

  it('are watched at a port that the balancers do not lead to', () => {
    const port = (name: string) =>
      containerOf('gateway', production).ports.find((one) => one.name === name)!.containerPort;
    const { podMetricsEndpoints } = objectOf('PodMonitor', 'gateway').spec;
    expect(podMetricsEndpoints).toMatchObject([{ port: 'metrics', path: '/metrics' }]);
    const { ingress } = objectOf('NetworkPolicy', 'gateway').spec as { ingress: { from: object[]; ports: object[] }[] };
    const [balancers, monitoring] = ingress;
    expect(ingress).toHaveLength(2);
    expect(balancers).toMatchObject({ from: [{ podSelector: {} }], ports: [{ port: 'http' }] });
    expect(monitoring).toMatchObject({ from: [{ namespaceSelector: {} }], ports: [{ port: 'metrics' }] });
    expect(balancers!.ports).toHaveLength(1);
    const configuration = readFileSync('deploy/kubernetes/base/balancer/haproxy.cfg', 'utf8');
    expect(configuration).toContain(`gateway.testcast.svc.cluster.local:${port('http')}`);
    expect(configuration).not.toContain(String(port('metrics')));
  });

  it('let the autoscaler see the metric that it asks for', () => {
    const adapter = parse(objectOf('ConfigMap', 'testcast-metrics-adapter').data!['config.yaml']!) as {
      rules: { seriesQuery: string }[];
    };
    expect(adapter.rules[0]!.seriesQuery).toMatch(/^websocket_connections\{/);
    expect(readFileSync('docs/reference/metrics.md', 'utf8')).toContain('`websocket_connections`');
  });
});

describe('alerts that act', () => {
  const objects = () => rendered.get('overlays/production with alert-responses')!;

  it('may look at and change one autoscaler, and nothing else', () => {
    const { name } = objectOf('HorizontalPodAutoscaler', 'gateway').metadata;
    const roles = objects().filter(({ kind }) => kind.endsWith('Role'));
    expect(roles.map(({ kind, rules }) => ({ kind, rules }))).toEqual([
      {
        kind: 'Role',
        rules: [
          {
            apiGroups: ['autoscaling'],
            resources: ['horizontalpodautoscalers'],
            resourceNames: [name],
            verbs: ['get', 'patch'],
          },
        ],
      },
    ]);
    expect(containerOf('gateway', objects()).env).toContainEqual({ name: 'AUTOSCALER', value: `testcast/${name}` });
  });

  it('are believed by a secret that is mounted where gateways look for it', () => {
    const { volumes } = deploymentOf('gateway', objects()).spec.template.spec;
    const { env, volumeMounts = [] } = containerOf('gateway', objects());
    const file = env!.find(({ name }) => name === 'ALERTS_TOKEN_FILE')!.value!;
    const mount = volumeMounts.find(({ mountPath }) => mountPath === path.dirname(file))!;
    const volume = (volumes as { name: string }[]).find(({ name }) => name === mount.name);
    expect(volume).toMatchObject({ secret: { secretName: 'testcast-alerts' } });
    // Its key is the name of the file.
    expect(readFileSync('docs/how-to/act-on-alerts.md', 'utf8')).toContain(
      `create secret generic testcast-alerts --from-literal=${path.basename(file)}=`,
    );
  });

  it('reach an API server that an overlay names, and until then nothing', () => {
    const blockOf = (manifests: readonly Manifest[]) => {
      const policy = manifests.find(({ metadata }) => metadata.name === 'gateway-to-kubernetes')!;
      return policy.spec.egress[0].to as { ipBlock: { cidr: string } }[];
    };
    // Of RFC 5737: nobody's.
    expect(blockOf(objects())).toEqual([{ ipBlock: { cidr: '192.0.2.1/32' } }]);
    const page = readFileSync('docs/how-to/act-on-alerts.md', 'utf8');
    const [, patch] = /```yaml\n(apiVersion: networking[^`]+)```/.exec(page)!;
    const folder = withPatch('overlays/production', 'alert-responses', patch!, own);
    expect(blockOf(new Kustomizer().render(folder))).toEqual([{ ipBlock: { cidr: '172.18.0.2/32' } }]);
  });

  it('give a token to gateways alone', () => {
    const pods = objects().filter(({ kind }) => kind === 'Deployment');
    const tokens = pods.map(({ metadata, spec }) => [
      metadata.name,
      spec.template.spec.automountServiceAccountToken,
      spec.template.spec.serviceAccountName,
    ]);
    expect(tokens.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['balancer', false, undefined],
      ['gateway', true, 'gateway'],
      ['projector', false, undefined],
    ]);
  });
});

describe('the judge of manifests', () => {
  const gateway = () => structuredClone(objectOf('Deployment', 'gateway'));
  it.each<[string, (manifest: Manifest) => void]>([
    ['a field that nobody knows', ({ spec }) => (spec.template.spec.contaners = [])],
    ['a number that is none', ({ spec }) => (spec.template.spec.containers[0].ports[0].containerPort = 'http')],
    ['what has to be there and is not', ({ spec }) => delete spec.selector],
  ])('refuses %s', (_, spoil) => {
    const manifest = gateway();
    spoil(manifest);
    expect(schemaProblems(schemas['apps/v1 Deployment']!, manifest)).toHaveLength(1);
  });
});

const hasHaproxy = spawnSync('haproxy', ['-v']).status === 0;
describe.runIf(hasHaproxy)('the configuration of the balancers', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-balancer-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is one that HAProxy takes', () => {
    selfSigned(directory);
    const file = path.join(directory, 'haproxy.cfg');
    const text = readFileSync('deploy/kubernetes/base/balancer/haproxy.cfg', 'utf8');
    writeFileSync(file, text.replaceAll('/etc/haproxy/tls', directory));
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
    expect(stderr).not.toMatch(/\[(ALERT|WARNING)\]/);
    expect(status).toBe(0);
  });
});

it('tell how to make the first token, which the gateway that made it takes', async () => {
  const page = readFileSync('docs/how-to/run-on-kubernetes.md', 'utf8');
  const [, code] = /exec deployment\/gateway -- node -e '([^']+)'/.exec(page)!;
  const secret = 'g'.repeat(64);
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code!], {
    env: { JWT_SECRET: secret },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { payload } = await jwtVerify(stdout.trim(), new TextEncoder().encode(secret), { algorithms: ['HS256'] });
  expect(payload).toMatchObject({ sub: 'me', projects: { '*': 'admin' }, exp: expect.any(Number) as number });
});

it('build the image of all packages that an installation needs', () => {
  const dockerfile = readFileSync('deploy/docker/Dockerfile', 'utf8');
  for (const name of readdirSync('packages')) expect(dockerfile).toContain(`COPY packages/${name}/package.json`);
  // A tag that moves would be another image tomorrow.
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(/:\d+\.\d+\.\d+-/);
});

function objectOf(kind: string, name: string): Manifest {
  const found = production.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

function deploymentOf(name: string, objects: readonly Manifest[]): Manifest {
  return objects.find((object) => object.kind === 'Deployment' && object.metadata.name === name)!;
}

function containerOf(name: string, objects: readonly Manifest[]): Container {
  return (deploymentOf(name, objects).spec.template.spec.containers as Container[])[0]!;
}
