import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/e2e/support/free-port.ts';
import type { LiveTarget } from '../live/live-target.ts';

const version = 'v6.9.1';
const folder = path.join(homedir(), '.cache', 'testcast', `bench-centrifugo-${version}`);
const binary = path.join(folder, 'centrifugo');

/** Builds it where a Go toolchain is and it has not been built yet. @throws Error without one, or when the build fails */
function installCentrifugo(print: (line: string) => void): void {
  if (existsSync(binary)) return;
  mkdirSync(folder, { recursive: true });
  print(`building Centrifugo ${version}: some minutes, once`);
  const { error, status, stderr } = spawnSync('go', ['install', `github.com/centrifugal/centrifugo/v6@${version}`], {
    encoding: 'utf8',
    env: { ...process.env, GOBIN: folder },
  });
  if (error !== undefined) throw new Error('Centrifugo needs a Go toolchain (go) to be built');
  if (status !== 0) throw new Error(`Centrifugo was not built:\n${stderr}`);
}

/** One node with its memory engine and channels without history: its fastest. */
export async function startCentrifugo(print: (line: string) => void): Promise<LiveTarget> {
  installCentrifugo(print);
  const [port, directory] = [await freePort(), await mkdtemp(path.join(tmpdir(), 'testcast-centrifugo-'))];
  const config = path.join(directory, 'config.json');
  await writeFile(config, JSON.stringify(configOf(port)));
  const child = spawn(binary, ['-c', config], { stdio: 'ignore' });
  await healthy(child, port);
  return {
    name: 'Centrifugo',
    subscribe: { dialect: 'centrifugo', ports: [port], room: 'plain:r%' },
    publish: { to: 'centrifugo', url: `http://127.0.0.1:${port}`, room: 'plain:r%' },
    processes: { server: child.pid! },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configOf(port: number): object {
  return {
    http_server: { address: '127.0.0.1', port: String(port) },
    log: { level: 'warn' },
    usage_stats: { disabled: true },
    http_api: { insecure: true },
    health: { enabled: true },
    client: { insecure: true, allowed_origins: ['*'], connection_limit: 0 },
    channel: {
      namespaces: [{ name: 'plain', allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true }],
    },
  };
}

async function healthy(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`Centrifugo ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await delay(50);
  }
  child.kill('SIGKILL');
  throw new Error('Centrifugo was not healthy within 10 s');
}
