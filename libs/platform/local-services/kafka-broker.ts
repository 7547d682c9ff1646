import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { type BrokerPlace, brokerProperties, javaFlags, loggingProperties } from './kafka-settings.ts';
import { liveBrokers } from './kafka-metadata.ts';

const startWithinMs = 60_000;
/** A port that was free may be another's by the time that it is bound. */
const starts = 3;

/**
 * A real broker for tests, one that is a controller as well, on 127.0.0.1 and ports of the system's choice. Alone, or one
 * of a cluster in which each has a copy of everything.
 */
export class KafkaBroker {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly classPath: string,
    private readonly cluster: readonly BrokerPlace[],
    private readonly index: number,
    private readonly logFile: string,
  ) {}

  /** @param classPath of `kafkaClassPath()` */
  static async start(classPath: string): Promise<KafkaBroker> {
    return (await KafkaBroker.startCluster(classPath, 1))[0]!;
  }

  /**
   * As many brokers that know each other.
   *
   * @param logOf the file that a broker (0, 1 …) writes to; default: one with its data, which goes with it
   */
  static async startCluster(
    classPath: string,
    size: number,
    logOf?: (broker: number) => string,
  ): Promise<KafkaBroker[]> {
    for (let tries = 1; ; tries++) {
      const cluster = await places(size);
      const brokers = cluster.map(({ directory }, index) => {
        const logFile = logOf?.(index) ?? path.join(directory, 'broker.log');
        return new KafkaBroker(classPath, cluster, index, logFile);
      });
      const clusterId = randomBytes(16).toString('base64url');
      try {
        for (const broker of brokers) await broker.format(clusterId);
        await Promise.all(brokers.map((broker) => broker.startAgain()));
        return brokers;
      } catch (error) {
        await Promise.all(brokers.map((broker) => broker.stop()));
        if (tries === starts) throw error;
      }
    }
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${this.place.port}`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** As when the machine's power fails, except that what was written stays written. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts on the same address and data. Resolves when all of the cluster take part in it, not only listen. */
  async startAgain(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const [program, ...args] = this.command('kafka.Kafka', path.join(this.place.directory, 'server.properties'));
    const child = spawn(program!, args, { stdio: ['ignore', log, log] });
    this.process = child;
    let ended = '';
    child.once('exit', (code, signal) => (ended = `it ended with ${code ?? signal}:\n${this.log()}`));
    child.once('error', ({ message }) => (ended = message));
    await eventually(
      async () => {
        if (ended === '' && (await liveBrokers(this.place.port)) < this.cluster.length) throw new Error('not all yet');
      },
      { within: startWithinMs, every: 50, message: 'Kafka starts' },
    );
    if (ended !== '') throw new Error(`Kafka did not start: ${ended}`);
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.place.directory, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { process: child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  private get place(): BrokerPlace {
    return this.cluster[this.index]!;
  }

  private async format(clusterId: string): Promise<void> {
    const properties = path.join(this.place.directory, 'server.properties');
    await writeFile(properties, brokerProperties(this.cluster, this.index));
    await writeFile(path.join(this.place.directory, 'log4j2.properties'), loggingProperties);
    const [program, ...args] = this.command('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties);
    execFileSync(program!, args, { stdio: 'pipe' });
  }

  private command(...main: string[]): string[] {
    const logging = `-Dlog4j2.configurationFile=file:${path.join(this.place.directory, 'log4j2.properties')}`;
    const java = ['java', ...javaFlags, logging, '-cp', this.classPath, ...main];
    // So that a run of tests that is killed leaves no broker behind. On Linux only; elsewhere it would stay.
    return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...java] : java;
  }

  private log(): string {
    return readFileSync(this.logFile, 'utf8').slice(-4_000);
  }
}

/** Directories and ports of brokers, all ports free at the same moment. */
async function places(size: number): Promise<BrokerPlace[]> {
  const servers = Array.from({ length: 2 * size }, () => createServer());
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Promise.all(
    Array.from({ length: size }, async (_, index) => ({
      directory: await mkdtemp(path.join(tmpdir(), 'testcast-kafka-')),
      port: ports[2 * index]!,
      controllerPort: ports[2 * index + 1]!,
    })),
  );
}
