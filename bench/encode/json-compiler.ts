import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** Measured, never depended on. */
const packages = ['fast-json-stringify@7.3.6'];
const folder = path.join(homedir(), '.cache', 'testcast', 'bench-json');

export type Stringify = (value: object) => string;

/** Installs the compiler of schemas into a folder of its own, unless it is there. @throws Error when npm cannot */
export function installJsonCompiler(): void {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', ...packages],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`fast-json-stringify was not installed:\n${stderr}`);
}

/** A function that writes what fits a JSON schema. */
export function compileJson(schema: object): Stringify {
  const compile = createRequire(path.join(folder, 'package.json'))('fast-json-stringify') as (
    schema: object,
  ) => Stringify;
  return compile(schema);
}
