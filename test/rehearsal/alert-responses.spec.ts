import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubernetesAutoscaler } from '#platform/cluster';
import { ControlPlane, hasApiServer } from './support/control-plane.ts';
import { Processes } from './support/processes.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: object;
}

const namespace = 'testcast';
const floorOf = '/apis/autoscaling/v2/namespaces/testcast/horizontalpodautoscalers/gateway';
/** What a gateway needs to raise the least number of its pods, as it is deployed. */
const wanted = ['Namespace/testcast', 'ServiceAccount/gateway', 'HorizontalPodAutoscaler/gateway'].concat(
  ['Role', 'RoleBinding'].map((kind) => `${kind}/gateway-autoscaler`),
);

describe.runIf(process.env['REHEARSE_AUTOSCALING'] !== undefined)('the account of a gateway', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-responses-'));
  const processes = new Processes(directory);
  let plane: ControlPlane;
  let autoscaler: KubernetesAutoscaler;
  let deployed: Manifest;

  beforeAll(async () => {
    if (!hasApiServer())
      throw new Error('no control plane: run scripts/fetch-kubernetes.sh (Go 1.26, about 10 minutes)');
    chmodSync(directory, 0o755);
    plane = await ControlPlane.start(directory, processes, { syncSeconds: 2 });
    const here = (part: string): string => path.relative(directory, path.resolve('deploy/kubernetes', part));
    const overlay = { namespace, resources: [here('base')], components: [here('components/alert-responses')] };
    writeFileSync(path.join(directory, 'kustomization.yaml'), JSON.stringify(overlay));
    const objects = parseAllDocuments(plane.kubectl(['kustomize', directory]))
      .map((document) => document.toJS() as Manifest)
      .filter(({ kind, metadata }) => wanted.includes(`${kind}/${metadata.name}`));
    if (objects.length !== wanted.length) throw new Error('a manifest of a gateway that asks for pods is not there');
    deployed = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler')!;
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    plane.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
    autoscaler = new KubernetesAutoscaler({ ...access('gateway'), name: 'gateway' });
  }, 200_000);

  afterAll(async () => {
    plane?.api.close();
    await processes.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  }, 60_000);

  /** As the kubelet puts it into a pod. */
  function access(account: string) {
    const tokenFile = path.join(directory, `${account}.token`);
    const token = plane.kubectl(['-n', namespace, 'create', 'token', account, '--duration=10m']);
    writeFileSync(tokenFile, token.trim(), { mode: 0o600 });
    return { namespace, apiUrl: plane.server, caFile: plane.keys.file('ca.crt'), tokenFile };
  }

  const minReplicas = async (): Promise<number> =>
    (await plane.api.get<{ spec: { minReplicas: number } }>(floorOf)).spec.minReplicas;

  it('raises the least number of pods, and gives it back, while the controller writes to the same object', async () => {
    const { minReplicas: before, maxReplicas } = await autoscaler.read();
    expect(before).toBe(await minReplicas());
    await autoscaler.setMinReplicas(maxReplicas - 1);
    expect(await minReplicas()).toBe(maxReplicas - 1);
    await autoscaler.setMinReplicas(before);
    expect(await autoscaler.read()).toMatchObject({ minReplicas: before, maxReplicas });
  });

  it('looks again when another gateway changes the object in between', async () => {
    const other = new KubernetesAutoscaler({ ...access('gateway'), name: 'gateway' });
    for (const floor of [5, 7, 9]) {
      await Promise.all([autoscaler.setMinReplicas(floor), other.setMinReplicas(floor + 1)]);
      expect([floor, floor + 1]).toContain(await minReplicas());
    }
  });

  it('is told why when the API server does not take it', async () => {
    const { maxReplicas } = await autoscaler.read();
    await expect(autoscaler.setMinReplicas(maxReplicas + 1)).rejects.toThrow(/answered 422: .*maxReplicas/);
  });

  it('keeps what it raised from an apply, until one is told not to mind', async () => {
    const manifest = (least: number) => JSON.stringify({ ...deployed, spec: { ...deployed.spec, minReplicas: least } });
    const apply = (least: number, ...flags: string[]) =>
      plane.kubectl(['apply', '--server-side', ...flags, '-f', '-'], manifest(least));
    await autoscaler.setMinReplicas(6);
    expect(() => apply(4)).toThrow(/conflict with .*: \.spec\.minReplicas/);
    expect(await minReplicas()).toBe(6);
    await autoscaler.setMinReplicas(4);
    apply(4);
    apply(5, '--force-conflicts');
    expect(await minReplicas()).toBe(5);
  });

  it('may touch nothing else', async () => {
    const other = new KubernetesAutoscaler({ ...access('gateway'), name: 'other' });
    await expect(other.read()).rejects.toThrow(/answered 403: .*cannot get resource/);
    const stranger = new KubernetesAutoscaler({ ...access('default'), name: 'gateway' });
    await expect(stranger.read()).rejects.toThrow('answered 403');
  });

  it('is refused where the certificate of the API server is of somebody else', async () => {
    const deceived = { ...access('gateway'), caFile: plane.keys.file('proxy-ca.crt'), name: 'gateway' };
    await expect(new KubernetesAutoscaler(deceived).read()).rejects.toThrow(/certificate/);
  });
});
