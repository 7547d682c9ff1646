import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { eventually } from '#platform/testing';
import { freePort } from '../../e2e/support/free-port.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Processes } from './processes.ts';

export interface PipelineOptions {
  readonly directory: string;
  /** Where the kubelet tells which pods there are, and what containers use. */
  readonly kubeletTarget: string;
  /** config.yaml of the adapter, as it is deployed. */
  readonly adapterConfig: string;
}

/** The metrics of gateways → Prometheus → prometheus-adapter → the APIs that the autoscaler asks. */
export async function startMetricsPipeline(
  plane: ControlPlane,
  processes: Processes,
  { directory, kubeletTarget, adapterConfig }: PipelineOptions,
): Promise<void> {
  const [prometheus, adapter] = await Promise.all([freePort(), freePort()]);
  const config = path.join(directory, 'prometheus.yml');
  writeFileSync(config, JSON.stringify(prometheusConfig(kubeletTarget)));
  processes.start('prometheus', 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(directory, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${prometheus}`,
    '--log.level=warn',
  ]);
  const rules = path.join(directory, 'adapter.json');
  writeFileSync(rules, JSON.stringify({ ...(parse(adapterConfig) as object), resourceRules }));
  plane.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(adapterObjects(plane, adapter)));
  const own = plane.keys.file('metrics-adapter.kubeconfig');
  processes.start('prometheus-adapter', plane.program('prometheus-adapter'), [
    `--prometheus-url=http://127.0.0.1:${prometheus}/`,
    `--config=${rules}`,
    '--metrics-relist-interval=5s',
    '--metrics-max-age=30s',
    '--bind-address=127.0.0.1',
    `--secure-port=${adapter}`,
    `--tls-cert-file=${plane.keys.file('adapter.crt')}`,
    `--tls-private-key-file=${plane.keys.file('adapter.key')}`,
    ...['lister', 'authentication', 'authorization'].map((use) => `--${use}-kubeconfig=${own}`),
  ]);
  const soon = { within: 60_000, every: 500 };
  await eventually(() => plane.api.get('/apis/custom.metrics.k8s.io/v1beta1'), soon);
  await eventually(() => plane.api.get('/apis/metrics.k8s.io/v1beta1'), soon);
}

/**
 * As the PodMonitors have it, and as metrics-server would measure. Prometheus is told of pods over HTTP: as distributions build
 * it, it cannot ask Kubernetes.
 */
function prometheusConfig(kubeletTarget: string): object {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'gateways',
        http_sd_configs: [{ url: `http://${kubeletTarget}/targets`, refresh_interval: '1s' }],
        relabel_configs: [{ action: 'keep', source_labels: ['container'], regex: 'gateway' }],
      },
      { job_name: 'containers', honor_labels: true, static_configs: [{ targets: [kubeletTarget] }] },
    ],
  };
}

const overrides = { namespace: { resource: 'namespace' }, pod: { resource: 'pod' }, node: { resource: 'node' } };

/** What metrics-server answers in a cluster, here from the same Prometheus. */
const resourceRules = {
  cpu: {
    containerQuery: 'sum(rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>}[30s])) by (<<.GroupBy>>)',
    nodeQuery: 'sum(rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>}[30s])) by (<<.GroupBy>>)',
    resources: { overrides },
    containerLabel: 'container',
  },
  memory: {
    containerQuery: 'sum(container_memory_working_set_bytes{<<.LabelMatchers>>}) by (<<.GroupBy>>)',
    nodeQuery: 'sum(container_memory_working_set_bytes{<<.LabelMatchers>>}) by (<<.GroupBy>>)',
    resources: { overrides },
    containerLabel: 'container',
  },
  window: '30s',
};

function adapterObjects(plane: ControlPlane, port: number): object {
  const namespace = 'custom-metrics';
  const role = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'metrics-adapter' }];
  const rbac = 'rbac.authorization.k8s.io/v1';
  const service = (group: string) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `v1beta1.${group}` },
    spec: {
      group,
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle: Buffer.from(plane.certificate()).toString('base64'),
      service: { namespace, name: 'custom-metrics', port },
    },
  });
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      // The API server follows the name, so that the adapter can be a process on the loopback address.
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'custom-metrics', namespace },
        spec: { type: 'ExternalName', externalName: 'localhost' },
      },
      {
        apiVersion: rbac,
        kind: 'ClusterRole',
        metadata: { name: 'metrics-adapter' },
        rules: [
          {
            apiGroups: [''],
            resources: ['namespaces', 'pods', 'nodes', 'configmaps'],
            verbs: ['get', 'list', 'watch'],
          },
          {
            apiGroups: ['flowcontrol.apiserver.k8s.io'],
            resources: ['flowschemas', 'prioritylevelconfigurations'],
            verbs: ['get', 'list', 'watch'],
          },
        ],
      },
      ...['metrics-adapter', 'system:auth-delegator'].map((name) => ({
        apiVersion: rbac,
        kind: 'ClusterRoleBinding',
        metadata: { name: `metrics-adapter-${name.replace(':', '-')}` },
        roleRef: role(name),
        subjects,
      })),
      {
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: { name: 'metrics-adapter', namespace: 'kube-system' },
        roleRef: { ...role('extension-apiserver-authentication-reader'), kind: 'Role' },
        subjects,
      },
      service('custom.metrics.k8s.io'),
      service('metrics.k8s.io'),
    ],
  };
}
