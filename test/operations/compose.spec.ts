import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gatewaySettings } from '#apps/gateway/gateway.config';
import { projectorSettings } from '#apps/projector/projector.config';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: number;
}

const read = (file: string): { readonly services: Readonly<Record<string, Service>>; readonly volumes: object } =>
  parse(readFileSync(file, 'utf8'), { merge: true, maxAliasCount: -1 }) as ReturnType<typeof read>;

const cluster = read('docker-compose.cluster.yml');
const named = (name: RegExp): Service[] =>
  Object.entries(cluster.services).flatMap(([key, service]) => (name.test(key) ? [service] : []));

describe('the cluster of docker-compose.cluster.yml', () => {
  it('has the servers that are asked for, as large as they are asked for', () => {
    const gateways = named(/^gateway-/);
    expect(gateways).toHaveLength(4);
    for (const { mem_limit, cpus, environment } of gateways) {
      expect({ mem_limit, cpus, places: environment!['MAX_CONNECTIONS'] }).toEqual({
        mem_limit: '8g',
        cpus: 4,
        places: '2500',
      });
    }
    expect(named(/^haproxy-/)).toHaveLength(2);
    expect(named(/^postgres/)).toHaveLength(3);
    expect(named(/^kafka-/)).toHaveLength(3);
    const redis = named(/^redis-\d/);
    expect(redis).toHaveLength(6);
    for (const { command } of redis) {
      expect(command).toEqual(expect.arrayContaining(['--maxmemory-policy allkeys-lru', '--appendonly yes']));
      expect(command!.some((flag) => flag.startsWith('--save 900'))).toBe(true);
    }
  });

  it('sets nothing that gateway and projector do not read', () => {
    const gateway = Object.keys(gatewaySettings.shape);
    const projector = Object.keys(projectorSettings.shape);
    for (const { environment } of named(/^gateway-/))
      expect(gateway).toEqual(expect.arrayContaining(keysOf(environment)));
    for (const { environment } of named(/^projector-/)) {
      expect(projector).toEqual(expect.arrayContaining(keysOf(environment)));
    }
  });

  it('has its metrics read where no balancer leads to', () => {
    const { scrape_configs: jobs } = parse(readFileSync('deploy/docker/prometheus.yml', 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap(({ static_configs: lists }) => lists.flatMap((list) => list.targets));
    const balanced = named(/^haproxy-/).flatMap(({ environment = {} }) =>
      Object.entries(environment).flatMap(([name, value]) => (name.startsWith('GATEWAY_') ? [String(value)] : [])),
    );
    for (const [name, { environment = {} }] of Object.entries(cluster.services)) {
      if (!/^(gateway|projector)-/.test(name)) continue;
      const port = String(environment['METRICS_PORT']);
      expect(targets).toContain(`${name}:${port}`);
      expect(balanced.filter((address) => address.endsWith(`:${port}`))).toEqual([]);
    }
  });

  it('mounts what is there', () => {
    const sources = Object.values(cluster.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':', 1)[0]!),
    );
    const missing = sources.filter(
      (source) => !(source.startsWith('./') ? existsSync(source) : source in cluster.volumes),
    );
    expect(missing).toEqual([]);
  });

  it('asks for every password, by the names of the example', () => {
    const asked = [...readFileSync('docker-compose.cluster.yml', 'utf8').matchAll(/\$\{(\w+):\?/g)].map(
      ([, name]) => name,
    );
    const example = [...readFileSync('deploy/docker/cluster.env.example', 'utf8').matchAll(/^(\w+)=$/gm)];
    expect(new Set(asked)).toEqual(new Set(example.map(([, name]) => name)));
  });

  it('gives Alertmanager the token of the gateways, and no key of an admin', () => {
    const [, credentials] = /credentials_file: (\S+)/.exec(readFileSync('deploy/docker/alertmanager.yml', 'utf8'))!;
    const { volumes = [] } = cluster.services['alertmanager']!;
    const shared = volumes.filter((volume) => credentials!.startsWith(`${volume.split(':')[1]}/`));
    expect(shared).toHaveLength(1);
    for (const gateway of named(/^gateway-/)) {
      expect(gateway.environment!['ALERTS_TOKEN_FILE']).toBe(credentials);
      expect(gateway.volumes).toContain(shared[0]);
    }
    const admins = named(/^gateway-1$/)[0]!.environment!['DATA_DIR'];
    const [keys] = named(/^gateway-1$/)[0]!.volumes!.filter((volume) => volume.split(':')[1] === admins);
    expect(volumes.filter((volume) => volume.split(':')[0] === keys!.split(':')[0])).toEqual([]);
  });

  it('notifies gateways as deploy/alertmanager does', () => {
    const [ours, theirs] = ['deploy/docker/alertmanager.yml', 'deploy/alertmanager/alertmanager.yml'].map((file) =>
      JSON.stringify(parse(readFileSync(file, 'utf8')))
        .replace(/http:\/\/[^/]+\//, 'http://gateway/')
        .replace(/"credentials_file":"[^"]+"/, '"credentials_file":"key"'),
    );
    expect(ours).toBe(theirs);
  });
});

describe.each(['docker-compose.yml', 'docker-compose.cluster.yml'])('%s', (file) => {
  const services = Object.entries(read(file).services);

  it('names the version of every image', () => {
    for (const [, { image }] of services) expect(image).toMatch(/:v?\d[\w.-]*$/);
  });

  it('says commands in words alone: a colon and a blank would make something else of one', () => {
    const words = services.flatMap(([, { command = [], entrypoint = [] }]) => [...command, ...entrypoint]);
    expect(words.filter((word) => typeof word !== 'string')).toEqual([]);
  });

  it('opens ports on this machine alone', () => {
    for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

function keysOf(environment: Service['environment']): string[] {
  return Object.keys(environment ?? {});
}
