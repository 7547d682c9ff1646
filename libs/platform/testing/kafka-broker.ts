import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { brokerProperties, javaFlags, loggingProperties } from './kafka-settings.ts';
import { liveBrokers } from './kafka-metadata.ts';

const startWithinMs = 60_000;
/** A port that was free may be another's by the time that it is bound. */
const starts = 3;

/** A real broker for tests, one that is its own controller, on 127.0.0.1 and ports of the system's choice. */
export class KafkaBroker {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly classPath: string,
    private readonly directory: string,
    private readonly port: number,
  ) {}

  /** @param classPath of `kafkaClassPath()` */
  static async start(classPath: string): Promise<KafkaBroker> {
    for (let tries = 1; ; tries++) {
      const directory = await mkdtemp(path.join(tmpdir(), 'testcast-kafka-'));
      const [port, controllerPort] = await freePorts();
      const broker = new KafkaBroker(classPath, directory, port);
      try {
        await broker.format(controllerPort);
        await broker.startAgain();
        return broker;
      } catch (error) {
        await broker.stop();
        if (tries === starts) throw error;
      }
    }
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As when the machine's power fails, except that what was written stays written. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts on the same address and data. Resolves when it takes part in the cluster, not only listens. */
  async startAgain(): Promise<void> {
    const log = openSync(path.join(this.directory, 'broker.log'), 'a');
    const [program, ...args] = this.command('kafka.Kafka', path.join(this.directory, 'server.properties'));
    const child = spawn(program!, args, { stdio: ['ignore', log, log] });
    this.process = child;
    let ended = '';
    child.once('exit', (code, signal) => (ended = `it ended with ${code ?? signal}:\n${this.log()}`));
    child.once('error', ({ message }) => (ended = message));
    await eventually(
      async () => {
        if (ended === '' && (await liveBrokers(this.port)) === 0) throw new Error('no broker yet');
      },
      { within: startWithinMs, every: 50, message: 'Kafka starts' },
    );
    if (ended !== '') throw new Error(`Kafka did not start: ${ended}`);
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { process: child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  private async format(controllerPort: number): Promise<void> {
    const properties = path.join(this.directory, 'server.properties');
    await writeFile(properties, brokerProperties({ directory: this.directory, port: this.port, controllerPort }));
    await writeFile(path.join(this.directory, 'log4j2.properties'), loggingProperties);
    const clusterId = randomBytes(16).toString('base64url');
    const [program, ...args] = this.command('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties);
    execFileSync(program!, args, { stdio: 'pipe' });
  }

  private command(...main: string[]): string[] {
    const logging = `-Dlog4j2.configurationFile=file:${path.join(this.directory, 'log4j2.properties')}`;
    const java = ['java', ...javaFlags, logging, '-cp', this.classPath, ...main];
    // So that a run of tests that is killed leaves no broker behind. On Linux only; elsewhere it would stay.
    return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...java] : java;
  }

  private log(): string {
    return readFileSync(path.join(this.directory, 'broker.log'), 'utf8').slice(-4_000);
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [first!, second!];
}
