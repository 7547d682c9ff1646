// npm run rehearse:autoscaling -- [--exact] [--page docs/reference/autoscaling-rehearsal.md]
// The autoscaler of a real Kubernetes control plane scales gateways that run as processes of this machine, while people come and
// go. Takes about six minutes; with --exact, which leaves the required windows as they are, about twenty-five. Needs Go 1.26
// (the first run builds the control plane, about ten minutes of two cores), Prometheus, Redis and openssl.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { exact: { type: 'boolean', default: false }, page: { type: 'string' } } });
const built = spawnSync('bash', ['scripts/fetch-kubernetes.sh'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', 'test/rehearsal'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      REHEARSE_AUTOSCALING: values.exact ? 'exact' : 'fast',
      ...(values.page === undefined ? {} : { REHEARSAL_PAGE: values.page }),
    },
  },
);
process.exit(status ?? 1);
