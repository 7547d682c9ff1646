import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Kustomizer } from './support/kustomization.ts';
import { allFiles, hasKubectl, installationsIn, renderedByKubectl } from './support/manifests.ts';
import type { Manifest } from './support/manifest.ts';

const own = mkdtempSync(path.join(tmpdir(), 'testcast-kustomizations-'));
afterAll(() => rmSync(own, { recursive: true }));

const installations = installationsIn(own);
const kubectl = hasKubectl();
if (!kubectl)
  console.warn(
    'kubectl is not installed: kustomizations are put together without it, and not compared with what it makes',
  );

describe('the kustomizations', () => {
  it('name every file that there is', () => {
    const kustomizer = new Kustomizer();
    for (const { folder } of installations) kustomizer.render(folder);
    expect(allFiles().filter((file) => !kustomizer.read.has(file))).toEqual([]);
  });

  it.runIf(kubectl).each(installations.map((one) => [one.name, one] as const))(
    'make of %s what kubectl makes of it',
    (_, installation) => {
      expect(sorted(new Kustomizer().render(installation.folder))).toEqual(sorted(renderedByKubectl(installation)));
    },
  );

  it.each<[string, string, string]>([
    ['a patch of what is not there', 'patches: [{ path: patch.yaml }]', 'patch.yaml: there is no v1 ConfigMap absent'],
    ['a file that is not there', 'resources: [nowhere.yaml]', 'ENOENT'],
    ['one object twice', 'resources: [patch.yaml, patch.yaml]', 'v1 ConfigMap absent is there twice'],
    ['a field that is passed over here', 'replicas: []', 'replicas is not known here'],
  ])('are refused with %s', (what, line, reason) => {
    const folder = path.join(own, what.replaceAll(' ', '-'));
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'kustomization.yaml'), `kind: Kustomization\n${line}\n`);
    writeFileSync(path.join(folder, 'patch.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: absent }\n');
    expect(() => new Kustomizer().render(folder)).toThrow(reason);
  });

  function sorted(objects: readonly Manifest[]): Manifest[] {
    const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`;
    return objects.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
});
