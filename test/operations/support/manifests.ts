import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = 'deploy/kubernetes';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources?: { readonly requests?: unknown; readonly limits?: unknown };
}

/** An object of Kubernetes, as far as tests look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- The schemas say what is in it; typing all of them says nothing more.
  readonly spec?: any;
  /** Of a Role. */
  readonly rules?: readonly unknown[];
}

export const overlays = readdirSync(`${root}/overlays`);

export const hasKubectl = (): boolean => spawnSync('kubectl', ['version', '--client']).status === 0;

/** What `kubectl apply -k` would send. */
export function rendered(overlay: string): Manifest[] {
  return kustomized(`${root}/overlays/${overlay}`);
}

/** The same with a component that an installation may add. */
export function renderedWith(overlay: string, component: string): Manifest[] {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'testcast-overlay-'));
  const to = (target: string) => path.relative(folder, realpathSync(path.join(root, target)));
  const lines = [
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    `resources: ['${to(`overlays/${overlay}`)}']`,
    `components: ['${to(`components/${component}`)}']`,
  ];
  try {
    writeFileSync(path.join(folder, 'kustomization.yaml'), lines.join('\n'));
    return kustomized(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function kustomized(folder: string): Manifest[] {
  return documentsOf(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' }));
}

/** Every object of base and components as its file has it, for machines without kubectl. */
export function filesOf(...folders: string[]): Manifest[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
      .flatMap((file) => documentsOf(readFileSync(`${root}/${folder}/${file}`, 'utf8'))),
  );
}

function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}
