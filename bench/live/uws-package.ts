import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';

/** Brings uWebSockets.js, unless it is there. @returns its path @throws Error when npm cannot bring it */
export function fetchUws(): string {
  const { status, stderr } = spawnSync('bash', ['scripts/fetch-uws.sh'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`uWebSockets.js was not fetched:\n${stderr}`);
  return path.join(homedir(), '.cache', 'testcast', 'uws', 'node_modules', 'uWebSockets.js');
}
