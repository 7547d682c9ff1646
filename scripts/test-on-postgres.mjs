// npm run test:postgres -- [14 15]: the event store's suites on older servers, which scripts/fetch-postgres.sh has fetched.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const asked = process.argv.slice(2);
const suites = ['libs/platform/event-store', 'libs/platform/messaging/engine'];
let failed = false;
for (const major of asked.length === 0 ? ['14', '15'] : asked) {
  const folder = path.join(homedir(), '.cache', 'testcast', `postgres-${major}`);
  if (!existsSync(path.join(folder, 'native', 'bin', 'postgres'))) {
    console.warn(`*** PostgreSQL ${major} IS NOT TESTED: it is not in ${folder}, see scripts/fetch-postgres.sh ***`);
    failed ||= Boolean(process.env.CI);
    continue;
  }
  console.log(`PostgreSQL ${major}`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration', ...suites];
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, TEST_POSTGRES_DIR: folder },
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
