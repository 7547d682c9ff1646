import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
const masters = 3;
/** A port that was free may be another's by the time that it is bound. */
const starts = 3;

interface Place {
  readonly port: number;
  readonly busPort: number;
  readonly directory: string;
  readonly logFile: string | undefined;
}

/**
 * Whether there is a Redis to run in tests; false, with one loud line, where there is none.
 *
 * @throws Error instead when CI is set
 */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    execFileSync('redis-cli', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const message = 'no redis-server and redis-cli. Install Redis 7 (Debian: redis-server).';
    if (process.env['CI']) throw new Error(message);
    console.warn(`\n*** REDIS TESTS ARE SKIPPED: ${message} ***\n`);
    return false;
  }
}

/** A real Redis Cluster of three masters with a replica each, RDB and AOF, on 127.0.0.1 and ports of the system's choice. */
export class RedisCluster {
  private readonly processes = new Map<number, ChildProcess>();

  private constructor(private readonly places: readonly Place[]) {}

  /** @param logOf the file that a node (0, 1 …) writes its log to; without, it is not kept */
  static async start(logOf?: (node: number) => string): Promise<RedisCluster> {
    for (let tries = 1; ; tries++) {
      const cluster = new RedisCluster(await places(2 * masters, logOf));
      try {
        cluster.places.forEach((place) => cluster.spawn(place));
        await cluster.form();
        return cluster;
      } catch (error) {
        await cluster.stop();
        if (tries === starts) throw error;
      }
    }
  }

  /** `redis://…`, one a node. */
  get urls(): string[] {
    return this.places.map(({ port }) => `redis://127.0.0.1:${port}`);
  }

  get pids(): number[] {
    return [...this.processes.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Kills the master that holds a key, and waits until a replica has taken its place. */
  async killMasterOf(key: string): Promise<void> {
    const before = await this.holderOf(key);
    await this.end(before);
    await eventually(
      async () => {
        const now = await this.holderOf(key);
        if (now === before) throw new Error('the dead one is still the master');
      },
      { within: 20_000, every: 100, message: 'a replica takes over' },
    );
  }

  /** Kills all of it. */
  async killAll(): Promise<void> {
    await Promise.all(this.places.map(({ port }) => this.end(port)));
  }

  /** Starts again whatever is not running, on the same data. */
  async startAgain(): Promise<void> {
    for (const place of this.places) if (!this.processes.has(place.port)) this.spawn(place);
    await this.ready();
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.killAll();
    for (const { directory } of this.places) await rm(directory, { recursive: true, force: true });
  }

  private spawn({ port, busPort, directory, logFile }: Place): void {
    const settings: Record<string, string> = {
      bind: '127.0.0.1',
      port: String(port),
      dir: directory,
      'cluster-enabled': 'yes',
      'cluster-port': String(busPort),
      'cluster-node-timeout': '1000',
      appendonly: 'yes',
      save: '60 1000',
      maxmemory: '64mb',
      'maxmemory-policy': 'allkeys-lru',
      'repl-diskless-sync-delay': '0',
      ...(logFile === undefined ? {} : { logfile: logFile }),
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.processes.set(port, spawn('redis-server', args, { stdio: 'ignore' }));
  }

  private async form(): Promise<void> {
    for (const { port } of this.places) {
      await eventually(() => cli(port, 'ping'), { within: 10_000, every: 20, message: 'Redis starts' });
    }
    const addresses = this.places.map(({ port }) => `127.0.0.1:${port}`);
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
    await this.ready();
  }

  private async ready(): Promise<void> {
    await eventually(
      async () => {
        for (const { port } of this.places) {
          const state = await cli(port, 'cluster', 'info');
          const replication = await cli(port, 'info', 'replication');
          if (!state.includes('cluster_state:ok')) throw new Error(`${port} is not ready`);
          if (replication.includes('master_link_status:down')) throw new Error(`${port} has no link to its master`);
        }
      },
      { within: 30_000, every: 100, message: 'Redis Cluster forms' },
    );
  }

  private async holderOf(key: string): Promise<number> {
    const alive = this.places.find(({ port }) => this.processes.has(port))!;
    const slot = Number(await cli(alive.port, 'cluster', 'keyslot', key));
    for (const line of (await cli(alive.port, 'cluster', 'nodes')).split('\n')) {
      const [, address = '', flags = '', , , , , , ...ranges] = line.split(' ');
      if (!flags.includes('master') || flags.includes('fail')) continue;
      const holds = ranges.some((range) => {
        const [first, last = first] = range.split('-').map(Number);
        return slot >= first! && slot <= last!;
      });
      if (holds) return Number(/:(\d+)@/.exec(address)![1]);
    }
    throw new Error(`no node holds slot ${slot}`);
  }

  private async end(port: number): Promise<void> {
    const child = this.processes.get(port);
    this.processes.delete(port);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

async function cli(port: number, ...command: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(port), ...command], { timeout: 5000 });
  return stdout.trim();
}

/** Ports that are held at once, so that none is given twice. */
async function places(count: number, logOf?: (node: number) => string): Promise<Place[]> {
  const holders = await Promise.all(Array.from({ length: 2 * count }, holdPort));
  const ports = holders.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(holders.map((server) => new Promise((resolve) => server.close(resolve))));
  return Promise.all(
    Array.from({ length: count }, async (_, index) => ({
      port: ports[2 * index]!,
      busPort: ports[2 * index + 1]!,
      directory: await mkdtemp(path.join(tmpdir(), 'testcast-redis-')),
      logFile: logOf?.(index),
    })),
  );
}

async function holdPort(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
