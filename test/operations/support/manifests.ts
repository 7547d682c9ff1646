import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
}

/** An object of Kubernetes, as far as tests look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- The schemas say what is in it; typing all of them says nothing more.
  readonly spec?: any;
}

export const overlays = readdirSync(`${root}/overlays`);

export const hasKubectl = (): boolean => spawnSync('kubectl', ['version', '--client']).status === 0;

/** What `kubectl apply -k` would send. */
export function rendered(overlay: string): Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', `${root}/overlays/${overlay}`], { encoding: 'utf8' });
  return documentsOf(text);
}

/** Every object of base and components as its file has it, for machines without kubectl. */
export function filesOf(...folders: string[]): Manifest[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml') && !path.endsWith('kustomization.yaml'))
      .flatMap((path) => documentsOf(readFileSync(`${root}/${folder}/${path}`, 'utf8'))),
  );
}

function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}
