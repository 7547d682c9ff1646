import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { parseAllDocuments } from 'yaml';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { RedisCluster } from '#platform/testing';
import { ControlPlane } from './control-plane.ts';
import { Kubelet } from './kubelet.ts';
import { startMetricsPipeline } from './metrics-pipeline.ts';
import { Processes } from './processes.ts';
import { type Rehearsal, rehearsedManifests } from './rehearsed-manifests.ts';
import { ServiceProxy } from './service-proxy.ts';

const namespace = 'testcast';
/** METRICS_PORT of base/gateway. */
const metricsPort = 9101;

export interface Replicas {
  readonly wanted: number;
  readonly ready: number;
}

/** A control plane with what a cluster has around it, and Testcast in it. `stop` ends all of it, however far `start` came. */
export class ClusterStage {
  private readonly steps: (() => void | Promise<void>)[] = [];
  plane!: ControlPlane;
  proxy!: ServiceProxy;
  /** Admin of everything. */
  token!: string;
  private refusals = new Map<string, number>();

  get url(): string {
    return `http://${this.proxy.address}`;
  }

  get streamUrl(): string {
    return `ws://${this.proxy.address}/stream`;
  }

  async start(rehearsal: Rehearsal, syncSeconds: number | undefined): Promise<void> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-rehearsal-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    // What was ended a moment ago may still write its last line.
    this.steps.push(() =>
      process.env['KEEP_LOGS'] ? undefined : rm(directory, { recursive: true, force: true, maxRetries: 10 }),
    );
    const postgres: LocalPostgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    this.steps.push(() => postgres.stop());
    const redis = await RedisCluster.start();
    this.steps.push(() => redis.stop());
    const processes = new Processes(directory);
    this.steps.push(() => processes.stop());
    this.plane = await ControlPlane.start(directory, processes, { syncSeconds });
    this.steps.push(() => this.plane.api.close());
    const kubelet = await Kubelet.start(this.plane.api, processes);
    this.steps.push(() => kubelet.stop());
    this.proxy = await ServiceProxy.start(this.plane.api, namespace, 'gateway');
    this.steps.push(() => this.proxy.stop());

    const jwtSecret = randomBytes(32).toString('hex');
    this.token = await new SignJWT({ projects: { '*': 'admin' } })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('rehearsal')
      .setExpirationTime('6h')
      .sign(new TextEncoder().encode(jwtSecret));
    const base = this.plane.kubectl(['kustomize', 'deploy/kubernetes/base']);
    const around = {
      url: this.url,
      streamUrl: this.streamUrl,
      redisUrls: redis.urls,
      databaseUrl: postgres.url,
      jwtSecret,
    };
    this.apply(rehearsedManifests(base, rehearsal, around));
    await startMetricsPipeline(this.plane, processes, {
      directory,
      kubeletTarget: kubelet.target,
      adapterConfig: adapterConfigOf(this.plane),
    });
  }

  async stop(): Promise<void> {
    for (const step of this.steps.toReversed()) await step();
  }

  async replicas(): Promise<Replicas> {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/gateway`;
    const { spec, status } = await this.plane.api.get<{
      spec: { replicas: number };
      status: { readyReplicas?: number };
    }>(path);
    return { wanted: spec.replicas, ready: status.readyReplicas ?? 0 };
  }

  /** What the autoscaler says of itself, for people. */
  async autoscaler(): Promise<string> {
    return this.plane.kubectl(['-n', namespace, 'describe', 'hpa', 'gateway']);
  }

  /** Upgrades that gateways refused, those that are gone included. */
  async refused(): Promise<number> {
    for (const address of this.proxy.ready) {
      const [host] = address.split(':');
      const text = await fetch(`http://${host}:${metricsPort}/metrics`, { signal: AbortSignal.timeout(3000) }).then(
        (response) => response.text(),
        () => '',
      );
      const counts = [...text.matchAll(/^websocket_refused_total\{[^}]*\} (\d+)/gm)].map(([, count]) => Number(count));
      if (text !== '')
        this.refusals.set(
          address,
          counts.reduce((sum, count) => sum + count, 0),
        );
    }
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  private apply(objects: readonly object[]): void {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    this.plane.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
  }
}

function adapterConfigOf(plane: ControlPlane): string {
  const text = plane.kubectl(['kustomize', 'deploy/kubernetes/overlays/production']);
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Adapter);
  return objects.find(({ metadata }) => metadata.name === 'testcast-metrics-adapter')!.data['config.yaml'];
}

interface Adapter {
  readonly metadata: { readonly name: string };
  readonly data: { readonly 'config.yaml': string };
}
