import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { keepLog } from '#platform/local-services';
import { freePort } from '../../test/e2e/support/free-port.ts';

/** Prometheus with the rules of deploy/prometheus, scraping what is given; undefined, with one loud line, where there is none. */
export async function startPrometheus(
  directory: string,
  targets: readonly { name: string; port: number }[],
  logFile: string | undefined,
) {
  if (spawnSync('prometheus', ['--version'], { stdio: 'ignore' }).error !== undefined) {
    console.warn('\n*** NO PROMETHEUS: install it (Debian: prometheus) to see alerts. ***\n');
    return undefined;
  }
  const folder = path.join(directory, 'prometheus');
  await cp(path.resolve('deploy/prometheus'), folder, { recursive: true });
  await mkdir(path.join(folder, 'targets'), { recursive: true });
  const groups = targets.map(({ name, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { server: name } }));
  await writeFile(path.join(folder, 'targets', 'testcast.json'), JSON.stringify(groups));
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'pipe' },
  );
  keepLog(child, logFile);
  const exited = once(child, 'exit');
  return {
    url: `http://127.0.0.1:${port}`,
    processes: { Prometheus: child.pid },
    async stop(): Promise<void> {
      child.kill();
      await exited;
    },
  };
}
