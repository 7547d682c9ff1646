// Builds everything that npm start and npm test need: tsc -b, the web UI, and each process in one file.
//   node scripts/build.mjs             builds (what has not changed costs little)
//   node scripts/build.mjs --if-stale  does nothing when no source has changed since the last build
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { currentStamp } from './source-stamp.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));

const stampFile = 'dist/.stamp';
const tsc = 'node_modules/typescript/bin/tsc';
const vite = 'node_modules/vite/bin/vite.js';
/** Each is one file in the end. */
const processes = ['gateway', 'projector', 'standalone'];

if (!existsSync(tsc) || !existsSync(vite)) {
  // npm ci --omit=dev: what was built before is all there can be.
  if (existsSync('dist/apps')) process.exit(0);
  console.error(
    'Not built: there is no dist/, and the compiler is not installed (npm ci without --omit=dev brings it).',
  );
  // An image that copies dist/ in afterwards runs npm ci first; only a start without dist/ is an error.
  process.exit(process.env.npm_lifecycle_event === 'prepare' ? 0 : 1);
}

const stamp = currentStamp();
if (process.argv.includes('--if-stale') && isBuilt(stamp)) process.exit(0);

const begin = performance.now();
rmSync(stampFile, { force: true }); // a build that fails half-way must not pass for a good one
run('tsc -b', [tsc, '-b', 'tsconfig.build.json']);
if (existsSync('apps/web/index.html'))
  run('vite build', [path.resolve(vite), 'build', '--logLevel', 'warn'], 'apps/web');
else console.log('build: no apps/web/index.html, so no web UI');
// Not above: npm ci --omit=dev leaves the bundler out.
await (await import('./bundle.mjs')).bundle(processes);
writeFileSync(stampFile, stamp);
console.log(`build: done in ${((performance.now() - begin) / 1000).toFixed(1)} s`);

function isBuilt(stamp) {
  const outputs = [
    'dist/.tsbuildinfo',
    ...referencedPackages().map((directory) => `${directory}/dist/.tsbuildinfo`),
    ...processes.map((app) => `dist/run/${app}/main.js`),
  ];
  return (
    outputs.every((file) => existsSync(file)) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  );
}

function referencedPackages() {
  const { references } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'));
  return references.map((reference) => reference.path).filter((directory) => existsSync(`${directory}/src`));
}

function run(name, args, cwd = '.') {
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd });
  if (status === 0) return;
  console.error(`build: ${name} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}
