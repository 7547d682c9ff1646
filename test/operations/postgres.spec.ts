import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import type { Manifest } from './support/manifest.ts';
import { renderedInstallations } from './support/manifests.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const numberIn = (file: string, pattern: RegExp) => Number(pattern.exec(read(file))?.[1]);
const capacity = read('docs/reference/capacity.md');

/** A pool, and the connection that hears of commits. */
const ofAProcess = (connectionOptions({ url: 'postgres://localhost/testcast' }).poolSize as number) + 1;
const ofOperators = 20;

describe('connections of PostgreSQL', () => {
  const allowed = numberIn('deploy/postgres/roles.sql', /role testcast login .* connection limit (\d+)/);
  const inAll = numberIn('deploy/postgres/primary.conf', /^max_connections = (\d+)$/m);

  it('are as many as the page says that a process has', () => {
    expect(capacity).toContain(`connections of PostgreSQL = ${ofAProcess} × (gateways + projectors)`);
    expect(capacity).toContain(`allows ${allowed} of ${inAll}, which is`);
  });

  it('are enough on machines for as many gateways as the balancers have places for', () => {
    const [, gateways, projectors] = /which is (\d+) gateways and (\d+) projectors/.exec(capacity)!.map(Number);
    const places = [...read('deploy/haproxy/haproxy.cfg').matchAll(/^ +server gateway-\d+ "\$\{GATEWAY_\d+\}"$/gm)];
    expect(gateways).toBe(places.length);
    expect(allowed).toBeGreaterThanOrEqual((gateways! + projectors!) * ofAProcess + ofOperators);
    // An operator who is no `testcast`, and what PostgreSQL keeps for superusers.
    expect(inAll - allowed).toBeGreaterThanOrEqual(20);
    expect(numberIn('deploy/postgres/standby.conf', /^max_connections = (\d+)$/m)).toBeGreaterThanOrEqual(inAll);
  });

  it('and gateways are enough on machines for the largest load of the table', () => {
    const [, gateways] = /which is (\d+) gateways/.exec(capacity)!.map(Number);
    const rows = [...capacity.matchAll(/^\| [\d,]+ \| [\d,]+ \| [\d,]+ \| (?:\d+ \/ )?(\d+) \|/gm)];
    expect(rows.length).toBeGreaterThan(3);
    expect(Math.max(...rows.map(([, needed]) => Number(needed)))).toBeLessThanOrEqual(gateways!);
  });
});

describe('PostgreSQL on Kubernetes', () => {
  const own = mkdtempSync(path.join(tmpdir(), 'testcast-postgres-'));
  afterAll(() => rmSync(own, { recursive: true }));
  const production = renderedInstallations(own).get('production')!;
  const specOf = (kind: string, name: string) => production.find((one) => isNamed(one, kind, name))!.spec;
  const cluster = specOf('Cluster', 'testcast-postgres');

  it('has connections for all that a rollout has at once', () => {
    const { maxReplicas } = specOf('HorizontalPodAutoscaler', 'gateway') as { maxReplicas: number };
    const { strategy } = specOf('Deployment', 'gateway') as Surging;
    const projector = specOf('Deployment', 'projector') as Surging;
    const gateways = maxReplicas + Math.ceil((maxReplicas * parseInt(strategy.rollingUpdate.maxSurge as string)) / 100);
    const projectors = projector.replicas + (projector.strategy.rollingUpdate.maxSurge as number);
    const allowed = Number(cluster.postgresql.parameters.max_connections);
    expect(allowed).toBeGreaterThanOrEqual((gateways + projectors) * ofAProcess + ofOperators);
    expect(capacity).toContain(`${allowed}, which is ${gateways} and ${projectors}.`);
  });

  it('archives by programs that are there', () => {
    expect(archivingProblems(cluster)).toEqual([]);
    const store = cluster.plugins[0].parameters.barmanObjectName as string;
    expect(specOf('ObjectStore', store).retentionPolicy).toBe('30d');
    expect(specOf('ScheduledBackup', 'testcast-postgres')).toMatchObject({
      method: 'plugin',
      pluginConfiguration: { name: cluster.plugins[0].name as string },
      cluster: { name: 'testcast-postgres' },
    });
  });

  const image = (tag: string) => `ghcr.io/cloudnative-pg/postgresql:${tag}`;
  it.each([
    ['18.1-standard-trixie', { backup: { barmanObjectStore: {} } }],
    ['18.1-minimal-trixie', { backup: { barmanObjectStore: {} } }],
    ['18.1-standard-trixie', { plugins: [] }],
    ['18.1-standard-trixie', {}],
  ])('would be refused with the image %s and %j', (tag, spec) => {
    expect(archivingProblems({ imageName: image(tag), ...spec })).toHaveLength(1);
  });
});

interface Surging {
  readonly replicas: number;
  readonly strategy: { readonly rollingUpdate: { readonly maxSurge: number | string } };
}

interface PostgresCluster {
  readonly imageName: string;
  readonly plugins?: readonly { readonly name: string; readonly isWALArchiver?: boolean }[];
  readonly backup?: { readonly barmanObjectStore?: object };
}

/** Images `minimal` and `standard` have no barman-cloud-wal-archive: archiving would fail for ever, and WAL fill its volume. */
function archivingProblems({ imageName, plugins = [], backup }: PostgresCluster): string[] {
  const archivers = plugins.filter(({ isWALArchiver }) => isWALArchiver === true);
  if (backup?.barmanObjectStore !== undefined) {
    return /-(minimal|standard)-/.test(imageName) ? [`${imageName} has no programs for barmanObjectStore`] : [];
  }
  return archivers.length === 1 ? [] : [`${archivers.length} plugins archive WAL`];
}

const isNamed = ({ kind, metadata }: Manifest, itsKind: string, name: string): boolean =>
  kind === itsKind && metadata.name === name;
