import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Run from the repository's root, as all of the benchmarks. */
const sources = path.resolve('bench/load-client');
const flags = ['-std=gnu11', '-O2', '-D_GNU_SOURCE'];
const folder = path.join(homedir(), '.cache', 'testcast', 'bench-load-client');

/**
 * The load client in C, compiled on the first use after its sources changed.
 * @returns its file, or undefined without a compiler or Linux
 * @throws Error with the compiler's words when the sources do not compile
 */
export function loadClientBinary(): string | undefined {
  // It waits by epoll, which is Linux's.
  if (process.platform !== 'linux') return undefined;
  const files = readdirSync(sources).toSorted();
  const hash = createHash('sha256').update(flags.join(' '));
  for (const file of files) hash.update(readFileSync(path.join(sources, file)));
  const binary = path.join(folder, `load-client-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const made = `${binary}.${process.pid}`;
  const units = files.filter((file) => file.endsWith('.c')).map((file) => path.join(sources, file));
  const { status, error, stderr } = spawnSync(process.env['CC'] ?? 'cc', [...flags, '-o', made, ...units], {
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`the load client was not compiled:\n${stderr}`);
  // Whole or not at all: two benchmarks may compile it at once.
  renameSync(made, binary);
  return binary;
}
