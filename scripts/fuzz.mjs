// npm run fuzz -- [--cases 10000] [--seed N]: hostile clients against both WebSocket engines.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d{1,10}$/.test(value)) continue;
  process.stderr.write(`--${name} must be a whole number\n`);
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', 'test/conformance/realtime/fuzz.spec.ts'],
  { stdio: 'inherit', env: { ...process.env, FUZZ_CASES: values.cases, FUZZ_SEED: values.seed } },
);
process.exit(status ?? 1);
