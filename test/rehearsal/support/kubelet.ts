import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesApi } from './kubernetes-api.ts';
import { PodProcess } from './pod-process.ts';
import { type Pod, pathOf } from './pods.ts';
import type { Processes } from './processes.ts';

const zones = ['a', 'b', 'c'];
const capacity = { cpu: '64', memory: '256Gi', pods: '110', 'ephemeral-storage': '500Gi' };

/** Stands in for the kubelets of three nodes: each pod that is bound to one of them runs as a process here. */
export class Kubelet {
  private readonly pods = new Map<string, PodProcess>();
  private readonly server: Server;
  private addresses = 0;
  private readonly timer: NodeJS.Timeout;
  private looking = false;

  private constructor(
    private readonly api: KubernetesApi,
    private readonly processes: Processes,
  ) {
    this.server = createServer((request, response) => {
      const pods = [...this.pods.values()];
      const targets = request.url === '/targets';
      response.setHeader('content-type', targets ? 'application/json' : 'text/plain');
      response.end(targets ? JSON.stringify(pods.map((pod) => pod.target())) : pods.map((pod) => pod.usage()).join(''));
    });
    this.timer = setInterval(() => void this.look(), 500);
  }

  static async start(api: KubernetesApi, processes: Processes): Promise<Kubelet> {
    for (const zone of zones) await addNode(api, `node-${zone}`, zone);
    const kubelet = new Kubelet(api, processes);
    await new Promise<void>((resolve) => kubelet.server.listen(0, '127.0.0.1', resolve));
    return kubelet;
  }

  /** Where `/targets` tells Prometheus of pods, and `/metrics` what their containers use; such as `127.0.0.1:4711`. */
  get target(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    clearInterval(this.timer);
    for (const pod of this.pods.values()) pod.abandon();
    this.server.closeAllConnections();
    this.server.close();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const pods = await this.api.list<Pod>('/api/v1/pods');
      for (const pod of pods.filter(({ spec }) => spec.nodeName !== undefined)) this.follow(pod);
    } catch (error) {
      console.error(`kubelet: ${(error as Error).message}`);
    } finally {
      this.looking = false;
    }
  }

  private follow(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    let process = this.pods.get(uid);
    if (process === undefined) {
      if (deletionTimestamp !== undefined) return void this.api.deleteNow(pathOf(pod)).catch(() => undefined);
      this.addresses += 1;
      process = new PodProcess(pod, `10.244.77.${this.addresses}`, this.api, this.processes);
      this.pods.set(uid, process);
      void process.run().catch((error: unknown) => console.error(`kubelet: ${(error as Error).message}`));
    }
    if (deletionTimestamp === undefined || process.deleted) return;
    void process
      .delete(pod)
      .catch((error: unknown) => console.error(`kubelet: ${(error as Error).message}`))
      .finally(() => this.pods.delete(uid));
  }
}

async function addNode(api: KubernetesApi, name: string, zone: string): Promise<void> {
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': zone };
  await api.create('/api/v1/nodes', { metadata: { name, labels } });
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const ready = { type: 'Ready', status: 'True', reason: 'Started', lastHeartbeatTime: now, lastTransitionTime: now };
  await api.merge(`/api/v1/nodes/${name}/status`, { status: { capacity, allocatable: capacity, conditions: [ready] } });
  // Given to every new node by the API server, and taken by a controller that does not run here.
  await api.merge(`/api/v1/nodes/${name}`, { spec: { taints: null } });
}
