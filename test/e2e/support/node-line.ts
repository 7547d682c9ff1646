import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The program of another line of Node.js, where scripts/fetch-node.sh has put it. Undefined, with one loud line, when it is
 * missing; the test then skips. Throws instead when CI is set.
 */
export function nodeOfLine(line: number): string | undefined {
  const program = path.join(homedir(), '.cache', 'testcast', `node-${line}`, 'bin', 'node');
  if (existsSync(program)) return program;
  const message = `no Node.js ${line} at ${program}. Run scripts/fetch-node.sh.`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`\n*** THE SMOKE TEST ON NODE.JS ${line} IS SKIPPED: ${message} ***\n`);
  return undefined;
}
