import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

const folder = path.join(homedir(), '.cache', 'testcast', 'bench-peers');
/** Measured, never depended on. */
const packages = ['socket.io@4.8.4'];

/** Installs the peers of npm into a folder of their own, unless they are there. @throws Error when npm cannot */
export function installPeers(): void {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', ...packages],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the peers were not installed:\n${stderr}`);
}

export function requirePeer(name: string): unknown {
  return createRequire(path.join(folder, 'package.json'))(name);
}
