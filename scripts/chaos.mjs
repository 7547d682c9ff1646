// npm run chaos -- [--kills 100] [--seed N] [--only <words of a test's title>]: kills real processes and looks what is left.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'e2e',
    'test/chaos',
    ...(values.only === undefined ? [] : ['-t', values.only]),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      CHAOS_KILLS: values.kills,
      ...(values.seed === undefined ? {} : { TEST_SEED: values.seed }),
    },
  },
);
process.exit(status ?? 1);
