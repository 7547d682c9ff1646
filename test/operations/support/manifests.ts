import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { documentsOf, Kustomizer } from './kustomization.ts';
import type { Manifest } from './manifest.ts';

const root = 'deploy/kubernetes';

const overlays = readdirSync(`${root}/overlays`);
const components = readdirSync(`${root}/components`);

export const hasKubectl = (): boolean => spawnSync('kubectl', ['version', '--client']).status === 0;

/** A folder with a kustomization, which kubectl would be pointed at. */
export interface Installation {
  readonly name: string;
  readonly folder: string;
}

/** An overlay as it is. */
const overlay = (name: string): Installation => ({ name, folder: `${root}/overlays/${name}` });

/** What an installation of one's own would be: a base, or an overlay, with a component. */
function withComponent(what: string, component: string, into: string): Installation {
  const name = `${what} with ${component}`;
  const folder = path.join(into, name.replaceAll(/\W/g, '-'));
  mkdirSync(folder);
  const to = (target: string) => path.relative(folder, realpathSync(path.join(root, target)));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'testcast',
    resources: [to(what)],
    components: [to(`components/${component}`)],
  };
  writeFileSync(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return { name, folder };
}

/** The same, with a patch that an overlay of one's own would have. */
export function withPatch(what: string, component: string, patch: string, into: string): string {
  const own = path.join(into, 'patched');
  mkdirSync(own);
  const { folder } = withComponent(what, component, own);
  const file = path.join(folder, 'kustomization.yaml');
  writeFileSync(path.join(folder, 'patch.yaml'), patch);
  writeFileSync(file, JSON.stringify({ ...parseKustomization(file), patches: [{ path: 'patch.yaml' }] }));
  return folder;
}

const parseKustomization = (file: string): object => JSON.parse(readFileSync(file, 'utf8')) as object;

/**
 * What is judged: the overlays, each component by itself, since whoever copies an overlay takes what they need, and what is
 * added to production by hand. Folders of ours are made in `own`.
 */
export function installationsIn(own: string): Installation[] {
  return [
    ...overlays.map(overlay),
    ...components.map((component) => withComponent('base', component, own)),
    withComponent('overlays/production', 'alert-responses', own),
  ];
}

/** By name: what would be applied. */
export function renderedInstallations(own: string): Map<string, Manifest[]> {
  return new Map(installationsIn(own).map(({ name, folder }) => [name, new Kustomizer().render(folder)]));
}

/** What `kubectl apply -k` would send. */
export function renderedByKubectl({ folder }: Installation): Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  // The names of generated objects end in a digest of what is in them.
  return documentsOf(text.replaceAll(/(name: balancer)-[a-z0-9]{10}$/gm, '$1'));
}

/** Every file below deploy/kubernetes. */
export function allFiles(): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name));
}
