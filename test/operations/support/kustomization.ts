import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Document, parse, parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

/** What a kustomization of ours may say; anything else would be passed over in silence here, and not by kubectl. */
const known = new Set('apiVersion kind namespace resources components patches configMapGenerator images'.split(' '));
/** Kinds without a namespace. */
const ofTheCluster = new Set(['Namespace']);
/** Lists of which a patch changes the entries that it names; all others it replaces, as NetworkPolicy's. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
};

interface Kustomization {
  readonly kind: string;
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path: string; readonly target?: { readonly group: string } }[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly options?: { readonly labels?: Readonly<Record<string, string>> };
  }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

/**
 * As much of `kubectl kustomize` as our manifests use, for machines without it; where there is one, a test holds the two
 * together. Throws for what kubectl would refuse: a file that is not there, a patch of something that is not there, one
 * object twice.
 */
export class Kustomizer {
  /** Files that were read, to find those that no kustomization names. */
  readonly read = new Set<string>();

  render(folder: string): Manifest[] {
    return this.into([], folder);
  }

  /** @returns the objects with those of the folder, and changed by its patches */
  private into(objects: Manifest[], folder: string): Manifest[] {
    const file = (name: string) => path.join(folder, name);
    const kustomization = parse(this.text(file('kustomization.yaml'))) as Kustomization;
    const unknown = Object.keys(kustomization).filter((field) => !known.has(field));
    if (unknown.length > 0) throw new Error(`${folder}: ${unknown.join(', ')} is not known here`);
    const { resources = [], components = [], patches = [], configMapGenerator = [], images = [] } = kustomization;
    let all = [...objects];
    for (const name of resources) all.push(...this.resources(file(name)));
    for (const { name, files, options } of configMapGenerator) {
      const data = Object.fromEntries(files.map((each) => [path.basename(each), this.text(file(each))]));
      const labels = options?.labels;
      all.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(labels && { labels }) }, data });
    }
    for (const name of components) all = this.into(all, file(name));
    for (const { path: name, target } of patches)
      for (const patch of this.documents(file(name)))
        all = target === undefined ? patched(all, patch, file(name)) : patchedGroup(all, patch, target.group);
    for (const each of images) setImage(all, each);
    const { namespace } = kustomization;
    if (namespace !== undefined) all = all.map((object) => inNamespace(object, namespace));
    const names = all.map(nameOf);
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    if (twice.length > 0) throw new Error(`${folder}: ${twice.join(', ')} is there twice`);
    return all;
  }

  private resources(name: string): Manifest[] {
    return existsSync(name) && statSync(name).isDirectory() ? this.render(name) : this.documents(name);
  }

  private documents(file: string): Manifest[] {
    return documentsOf(this.text(file));
  }

  private text(file: string): string {
    this.read.add(path.relative('', file));
    return readFileSync(file, 'utf8');
  }
}

export function documentsOf(text: string): Manifest[] {
  // As Kubernetes reads it: 0440 is octal.
  return (parseAllDocuments(text, { version: '1.1' }) as Document[]).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}

/** @throws when nothing has the kind and the name that the patch is for */
function patched(objects: readonly Manifest[], patch: Manifest, file: string): Manifest[] {
  const target = nameOf(patch);
  if (!objects.some((object) => nameOf(object) === target)) throw new Error(`${file}: there is no ${target}`);
  if ((patch as { $patch?: string }).$patch === 'delete') return objects.filter((object) => nameOf(object) !== target);
  return objects.map((object) => (nameOf(object) === target ? (merged(object, patch) as Manifest) : object));
}

/** Whatever kind and name the patch has. */
function patchedGroup(objects: readonly Manifest[], patch: Manifest, group: string): Manifest[] {
  const { labels } = patch.metadata;
  if (!objects.some(isOf)) throw new Error(`nothing is of ${group}`);
  return objects.map((object) => (isOf(object) ? (merged(object, { metadata: { labels } }) as Manifest) : object));

  function isOf({ apiVersion }: Manifest): boolean {
    return apiVersion.startsWith(`${group}/`);
  }
}

/** A strategic merge, by the few keys that we patch. */
function merged(value: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(value) && Array.isArray(patch)) {
    const key = mergeKeys[field];
    return key === undefined ? patch : mergedList(value as Entry[], patch as Entry[], key);
  }
  if (!isObject(value) || !isObject(patch)) return patch;
  const fields = Object.entries(patch).map(([name, inside]) => [name, merged(value[name], inside, name)] as const);
  return { ...value, ...Object.fromEntries(fields) };
}

type Entry = Readonly<Record<string, unknown>>;

/** What the patch names comes first, in its order, as kubectl has it: a variable may be put into those that come after it. */
function mergedList(list: readonly Entry[], patch: readonly Entry[], key: string): unknown[] {
  const before = (one: Entry) => list.find((entry) => entry[key] === one[key]);
  const left = list.filter((entry) => !patch.some((one) => one[key] === entry[key]));
  return [...patch.map((one) => merged(before(one) ?? {}, one)), ...left];
}

function setImage(
  objects: readonly Manifest[],
  { name, newName, newTag }: NonNullable<Kustomization['images']>[number],
): void {
  const containers = objects.flatMap(({ spec }) => (spec?.template?.spec?.containers ?? []) as { image: string }[]);
  for (const container of containers) if (container.image === name) container.image = `${newName}:${newTag}`;
}

function inNamespace(object: Manifest, namespace: string): Manifest {
  if (ofTheCluster.has(object.kind)) return object;
  const moved = { ...object, metadata: { ...object.metadata, namespace } };
  if (object.kind !== 'RoleBinding') return moved;
  const { subjects = [] } = object as { subjects?: readonly Entry[] };
  return { ...moved, subjects: subjects.map((subject) => ({ ...subject, namespace })) } as Manifest;
}

const nameOf = ({ apiVersion, kind, metadata }: Manifest): string => `${apiVersion} ${kind} ${metadata.name}`;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
