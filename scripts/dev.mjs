// Compiles and restarts on change: node scripts/dev.mjs [gateway|projector|standalone]. Ctrl-C ends both.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

process.chdir(path.resolve(import.meta.dirname, '..'));

const app = process.argv[2] ?? 'standalone';
const build = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { stdio: 'inherit' });
if (build.status !== 0) process.exit(1);

const children = [
  ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
  ['--watch', '--enable-source-maps', `dist/apps/${app}/main.js`],
].map((args) => spawn(process.execPath, args, { stdio: 'inherit' }));

let ending = false;
function end(signal) {
  if (ending) return;
  ending = true;
  for (const child of children) child.kill(signal);
}

// In a terminal Ctrl-C reaches them too; this process stays until they are gone, so that the prompt comes back last.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));
for (const child of children) child.once('exit', () => end('SIGTERM'));
