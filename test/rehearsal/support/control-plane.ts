import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { eventually } from '#platform/testing';
import { freePort } from '../../e2e/support/free-port.ts';
import { Keys } from './keys.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import type { Processes } from './processes.ts';

const programs = path.join(homedir(), '.cache/testcast/kubernetes');

/** Whether scripts/fetch-kubernetes.sh has been here. */
export const hasControlPlane = (): boolean => existsSync(path.join(programs, 'prometheus-adapter'));

/** The API server and what is around it, without what hands it metrics. */
export const hasApiServer = (): boolean => existsSync(path.join(programs, 'kubectl'));

const controllers = [
  'horizontal-pod-autoscaler',
  'deployment',
  'replicaset',
  'disruption',
  'endpoints',
  'endpointslice',
  'namespace',
  'serviceaccount',
  'root-ca-certificate-publisher',
  'garbage-collector',
  'clusterrole-aggregation',
].map((name) => `${name}-controller`);

export interface AutoscalerPace {
  /** How often the controller looks; Kubernetes' own 15 s where it is left out. */
  readonly syncSeconds?: number | undefined;
}

/** etcd, kube-apiserver, kube-controller-manager and kube-scheduler as they are released, on the loopback address. */
export class ControlPlane {
  private constructor(
    readonly api: KubernetesApi,
    readonly keys: Keys,
    readonly server: string,
    readonly token: string,
    private readonly kubeconfig: string,
  ) {}

  static async start(directory: string, processes: Processes, pace: AutoscalerPace): Promise<ControlPlane> {
    const [api, etcd, peer, manager, scheduler] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
    const server = `https://127.0.0.1:${api}`;
    mkdirSync(path.join(directory, 'keys'), { mode: 0o700 });
    const keys = new Keys(path.join(directory, 'keys'));
    const { token, kubeconfig } = keys.user('admin', 'system:masters', server);
    const managerUser = keys.user('system:kube-controller-manager', '', server);
    const schedulerUser = keys.user('system:kube-scheduler', '', server);
    keys.user('metrics-adapter', '', server);

    processes.start('etcd', path.join(programs, 'etcd'), [
      '--name',
      'rehearsal',
      '--data-dir',
      path.join(directory, 'etcd'),
      '--log-level',
      'warn',
      // Nothing of it is kept.
      '--unsafe-no-fsync',
      `--listen-client-urls=http://127.0.0.1:${etcd}`,
      `--advertise-client-urls=http://127.0.0.1:${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=rehearsal=http://127.0.0.1:${peer}`,
    ]);
    processes.start(
      'kube-apiserver',
      path.join(programs, 'kube-apiserver'),
      apiServerFlags(keys, { api: api!, etcd: etcd! }),
    );
    const plane = new ControlPlane(
      new KubernetesApi(server, token, keys.file('ca.crt')),
      keys,
      server,
      token,
      kubeconfig,
    );
    const soon = { within: 90_000, every: 250 };
    await eventually(() => plane.api.get('/api/v1/namespaces/kube-system'), soon);
    processes.start('kube-controller-manager', path.join(programs, 'kube-controller-manager'), [
      `--kubeconfig=${managerUser.kubeconfig}`,
      `--controllers=${controllers.join(',')}`,
      '--use-service-account-credentials=true',
      '--bind-address=127.0.0.1',
      `--secure-port=${manager}`,
      `--cert-dir=${keys.file('manager')}`,
      '--leader-elect=false',
      '--v=2',
      `--service-account-private-key-file=${keys.file('accounts.key')}`,
      `--root-ca-file=${keys.file('ca.crt')}`,
      ...paceFlags(pace),
    ]);
    processes.start('kube-scheduler', path.join(programs, 'kube-scheduler'), [
      ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
        (flag) => `--${flag}=${schedulerUser.kubeconfig}`,
      ),
      '--bind-address=127.0.0.1',
      `--secure-port=${scheduler}`,
      '--leader-elect=false',
      `--cert-dir=${keys.file('scheduler')}`,
    ]);
    await eventually(() => plane.api.get('/api/v1/namespaces/default/serviceaccounts/default'), soon);
    return plane;
  }

  /** Path of a program of the control plane, such as `prometheus-adapter`. */
  program(name: string): string {
    return path.join(programs, name);
  }

  /** Of the authority that all its servers are certified by, PEM. */
  certificate(): string {
    return readFileSync(this.keys.file('ca.crt'), 'utf8');
  }

  /** Throws what kubectl says. */
  kubectl(args: readonly string[], input?: string): string {
    return execFileSync(path.join(programs, 'kubectl'), args, {
      env: { KUBECONFIG: this.kubeconfig, PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
      encoding: 'utf8',
      ...(input === undefined ? {} : { input }),
    });
  }
}

function apiServerFlags(keys: Keys, { api, etcd }: { api: number; etcd: number }): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${api}`,
    // A loopback address is no valid endpoint of the service kubernetes.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${keys.file('apiserver.crt')}`,
    `--tls-private-key-file=${keys.file('apiserver.key')}`,
    `--client-ca-file=${keys.file('ca.crt')}`,
    `--token-auth-file=${keys.file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--profiling=false',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keys.file('accounts.pub')}`,
    `--service-account-signing-key-file=${keys.file('accounts.key')}`,
    `--requestheader-client-ca-file=${keys.file('proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${keys.file('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${keys.file('front-proxy-client.key')}`,
  ];
}

function paceFlags({ syncSeconds }: AutoscalerPace): string[] {
  if (syncSeconds === undefined) return [];
  return [
    `--horizontal-pod-autoscaler-sync-period=${syncSeconds}s`,
    // A pod that has just started burns what a start costs: not load. Kubernetes looks away for five minutes, we for one look.
    '--horizontal-pod-autoscaler-cpu-initialization-period=30s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=10s',
  ];
}
