import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { KubernetesApi } from './kubernetes-api.ts';
import { addressOf, environmentOf, type HttpProbe, type Pod, pathOf } from './pods.ts';
import { end, type Processes } from './processes.ts';

const ticksPerSecond = 100;
const pageBytes = 4096;

/** One pod: its container as a process of this machine, its probes, its end. */
export class PodProcess {
  private child: ChildProcess | undefined;
  private ready = false;
  private ending = false;
  private restarts = 0;
  /** Whether its end has begun. */
  deleted = false;

  constructor(
    private pod: Pod,
    private readonly podIp: string,
    private readonly api: KubernetesApi,
    private readonly processes: Processes,
  ) {}

  get name(): string {
    return this.pod.metadata.name;
  }

  /** Runs until the pod is gone. */
  async run(): Promise<void> {
    const environment = await environmentOf(this.pod, this.podIp, (name, key) => this.secret(name, key));
    const [program, ...args] = this.pod.spec.containers[0].command;
    const { startupProbe, readinessProbe } = this.pod.spec.containers[0];
    while (!this.ending) {
      const child = this.processes.start(this.name, program!, args, environment);
      this.child = child;
      await this.report();
      let started = false;
      while (!this.ending && child.exitCode === null && child.signalCode === null) {
        const probe = started ? readinessProbe : startupProbe;
        const well = await this.answers(probe);
        if (started && well !== this.ready) {
          this.ready = well;
          await this.report();
        }
        // A pod is asked whether it is ready as soon as it has started.
        if (!started && well) started = true;
        else await seconds(probe.periodSeconds, () => this.ending);
      }
      if (this.ending) return;
      this.ready = false;
      this.restarts += 1;
      await this.report();
      await seconds(2, () => this.ending);
    }
  }

  /** Deleted: SIGTERM, SIGKILL when the grace is over, and the object goes. */
  async delete(pod: Pod): Promise<void> {
    if (this.ending) return;
    this.pod = pod;
    const grace = pod.spec.terminationGracePeriodSeconds;
    this.deleted = true;
    this.ending = true;
    if (this.child !== undefined) await end(this.child, grace * 1000);
    await this.api.deleteNow(pathOf(pod));
  }

  /** The rehearsal is over: its process, when it is ended, is not started again. */
  abandon(): void {
    this.ending = true;
  }

  /** Where Prometheus finds it, with the labels that discovery in a cluster gives. */
  target(): object {
    const { name: container, ports } = this.pod.spec.containers[0];
    const labels = { namespace: this.pod.metadata.namespace, pod: this.name, container };
    const { containerPort } = ports.find(({ name }) => name === 'metrics')!;
    return { targets: [`${addressOf(this.podIp)}:${containerPort}`], labels };
  }

  /** As cAdvisor would say it, in the text format of Prometheus. */
  usage(): string {
    const pid = this.child?.pid;
    const labels = `namespace="${this.pod.metadata.namespace}",pod="${this.name}",container="${this.pod.spec.containers[0].name}"`;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      return `container_cpu_usage_seconds_total{${labels}} ${(user! + system!) / ticksPerSecond}\ncontainer_memory_working_set_bytes{${labels}} ${pages * pageBytes}\n`;
    } catch {
      // It has just ended.
      return '';
    }
  }

  private async answers(probe: HttpProbe): Promise<boolean> {
    const { containerPort } = this.pod.spec.containers[0].ports.find(({ name }) => name === probe.httpGet.port)!;
    try {
      const url = `http://${addressOf(this.podIp)}:${containerPort}${probe.httpGet.path}`;
      return (await fetch(url, { signal: AbortSignal.timeout(3000) })).ok;
    } catch {
      return false;
    }
  }

  private async report(): Promise<void> {
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = (type: string, status = true) => ({
      type,
      status: status ? 'True' : 'False',
      lastTransitionTime: at,
    });
    const { name, image } = this.pod.spec.containers[0];
    const container = { name, image, imageID: 'process', containerID: `process://${this.name}`, started: true };
    await this.api
      .mergeStatus(pathOf(this.pod), {
        phase: 'Running',
        startTime: at,
        hostIP: '127.0.0.1',
        podIP: this.podIp,
        podIPs: [{ ip: this.podIp }],
        conditions: [
          condition('Initialized'),
          condition('ContainersReady', this.ready),
          condition('Ready', this.ready),
        ],
        containerStatuses: [
          { ...container, ready: this.ready, restartCount: this.restarts, state: { running: { startedAt: at } } },
        ],
      })
      .catch(() => undefined);
  }

  private async secret(name: string, key: string): Promise<string> {
    const path = `/api/v1/namespaces/${this.pod.metadata.namespace}/secrets/${name}`;
    const { data } = await this.api.get<{ data: Record<string, string> }>(path);
    return Buffer.from(data[key]!, 'base64').toString();
  }
}

async function seconds(count: number, until: () => boolean = () => false): Promise<void> {
  const deadline = performance.now() + count * 1000;
  while (performance.now() < deadline && !until()) await new Promise((resolve) => setTimeout(resolve, 100));
}
