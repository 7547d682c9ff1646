// Everything that can be known without a database, two steps at a time: node scripts/check.mjs [step …]
// With CI=true the unit tests are left to npm test, which runs them with all the others.
import { spawn } from 'node:child_process';
import path from 'node:path';

process.chdir(path.resolve(import.meta.dirname, '..'));

/** Each is a script of package.json; the longest first, so that the last one to end is a short one. */
const steps = [
  { name: 'types', script: 'typecheck' },
  { name: 'unit tests', script: 'test:unit', notInCi: true },
  { name: 'lint', script: 'lint' },
  { name: 'boundaries', script: 'deps' },
  { name: 'unused code', script: 'knip' },
  { name: 'format', script: 'format:check' },
];
const atOnce = 2;

const wanted = process.argv.slice(2);
const inCi = process.env.CI === 'true';
const queue = steps.filter(({ script, notInCi }) => (wanted.length ? wanted.includes(script) : !(inCi && notInCi)));
const failed = [];

const begin = performance.now();
await Promise.all(Array.from({ length: atOnce }, work));
console.log(`\n${failed.length ? `failed: ${failed.join(', ')}` : 'all good'} (${secondsSince(begin)})`);
process.exitCode = failed.length ? 1 : 0;

async function work() {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const start = performance.now();
    const { ok, output } = await run(step.script);
    console.log(`${ok ? '✔' : '✘'} ${step.name} (${secondsSince(start)})`);
    if (ok) continue;
    failed.push(step.name);
    console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  }
}

function run(script) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], {
      shell: process.platform === 'win32', // npm is a .cmd file there
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}

function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
