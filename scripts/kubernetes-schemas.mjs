// node scripts/kubernetes-schemas.mjs <kubectl>: writes test/operations/support/kubernetes-schemas.json, by which tests judge
// deploy/kubernetes, from what the API server of KUBECONFIG publishes. The operators' definitions (CRDs) must be in it.
// Kept are the names of all fields of every object that our manifests go into, so that a field nobody knows is refused;
// what lies below fields that no manifest sets is left out (true), and so are descriptions.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const kubectl = process.argv[2] ?? 'kubectl';
const output = 'test/operations/support/kubernetes-schemas.json';
const kept = ['type', 'format', 'enum', 'required', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength'];
const run = (...args) => execFileSync(kubectl, args, { encoding: 'utf8', maxBuffer: 1 << 28 });

const schemas = {};
const documents = new Map();
const root = 'deploy/kubernetes';
const overlays = readdirSync(`${root}/overlays`).map((name) => `${root}/overlays/${name}`);
// Components that no overlay has are judged with the base.
const own = mkdtempSync(path.join(root, 'components-'));
const withBase = readdirSync(`${root}/components`).map((name) => {
  const folder = path.join(own, name);
  const kustomization = { resources: ['../../base'], components: [`../../components/${name}`] };
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return folder;
});
const texts = [...overlays, ...withBase].map((folder) => run('kustomize', folder));
rmSync(own, { recursive: true });
for (const text of texts) {
  const manifests = parseAllDocuments(text);
  for (const object of manifests.map((document) => document.toJS())) {
    const { document, schema } = definitionOf(object);
    const name = `${object.apiVersion} ${object.kind}`;
    schemas[name] = merged(schemas[name], pruned(document, schema, [object]));
  }
}
const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(output, `${JSON.stringify(sorted, null, 1)}\n`);

function definitionOf({ apiVersion, kind }) {
  const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  if (!documents.has(path)) documents.set(path, JSON.parse(run('get', '--raw', `/openapi/v3/${path}`)));
  const document = documents.get(path);
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const schema = Object.values(document.components.schemas).find((candidate) =>
    candidate['x-kubernetes-group-version-kind']?.some(
      (one) => one.group === group && one.version === version && one.kind === kind,
    ),
  );
  if (schema === undefined) throw new Error(`The API server knows no ${apiVersion} ${kind}`);
  return { document, schema };
}

/** The schema without references, as deep as the values go. */
function pruned(document, given, values) {
  const schema = resolved(document, given);
  const result = Object.fromEntries(kept.filter((key) => key in schema).map((key) => [key, schema[key]]));
  if (schema['x-kubernetes-int-or-string']) result.format = 'int-or-string';
  // A quantity, or a number or name of a port: no one type.
  if (schema.oneOf !== undefined || result.format === 'int-or-string') delete result.type;
  const objects = values.filter((value) => value !== null && typeof value === 'object' && !Array.isArray(value));
  if (schema.properties !== undefined) {
    result.properties = {};
    for (const [name, property] of Object.entries(schema.properties).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const inside = objects.filter((object) => name in object).map((object) => object[name]);
      result.properties[name] = inside.length === 0 ? true : pruned(document, property, inside);
    }
  }
  if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = pruned(document, schema.additionalProperties, objects.flatMap(Object.values));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) result.additionalProperties = true;
  if (schema.items !== undefined) {
    result.items = pruned(document, schema.items, values.filter(Array.isArray).flat());
  }
  return result;
}

function resolved(document, schema) {
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0].$ref : undefined);
  return reference === undefined
    ? schema
    : resolved(document, document.components.schemas[reference.split('/').at(-1)]);
}

/** Two of the same kind: what either of them goes into. */
function merged(a, b) {
  if (a === undefined || a === true) return b;
  if (b === true) return a;
  const result = { ...b };
  for (const name of Object.keys(a.properties ?? {})) {
    result.properties[name] = merged(a.properties[name], b.properties?.[name] ?? true);
  }
  if (a.items !== undefined) result.items = merged(a.items, b.items);
  if (typeof a.additionalProperties === 'object') {
    result.additionalProperties = merged(a.additionalProperties, b.additionalProperties);
  }
  return result;
}
