import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ClusterLogs } from './cluster-logs.ts';
import { startPrometheus } from './prometheus.ts';
import { ProductCluster } from './product-cluster.ts';

const help = `npm run cluster -- [--gateways 4] [--projectors 1] [--own-urls]

Starts a whole cluster as processes of this machine, on 127.0.0.1 and ports of the system's choice: PostgreSQL with a replica,
three Kafka brokers, six Redis nodes, HAProxy (active and passive), Prometheus, gateways, projectors. What has no program here
is left out, with a loud line. Everything is kept in .testcast/cluster and made anew at each start. Ctrl-C ends all of it,
and leaves what each process has written in .testcast/cluster/logs.
  --own-urls   each gateway tells a URL of its own, and POST /v1/connect chooses; else sockets go through HAProxy`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gateways: { type: 'string', default: '4' },
      projectors: { type: 'string', default: '1' },
      'own-urls': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [gateways, projectors] = [Number(values.gateways), Number(values.projectors)];
  const sane = [gateways, projectors].every((count) => Number.isInteger(count) && count >= 1 && count <= 8);
  if (values.help || !sane) {
    process.stdout.write(`${help}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const say = (line: string): void => void process.stdout.write(`${line} …\n`);
  const directory = path.resolve('.testcast/cluster');
  const asked = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const cluster = await ProductCluster.start({
    gateways,
    projectors,
    ownUrls: values['own-urls'],
    kafka: true,
    directory,
    say,
    // It goes to files.
    logLevel: 'info',
  });
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let watch: NodeJS.Timeout | undefined;
  try {
    prometheus = await startPrometheus(
      directory,
      [...cluster.gateways, ...cluster.projectors],
      cluster.logs?.fileOf('Prometheus'),
    );
    const look = watcher({ ...cluster.processes, ...prometheus?.processes }, cluster.logs);
    watch = setInterval(() => void look(), 1_000);
    tell(cluster, prometheus, await signInLink(cluster));
    await asked;
  } finally {
    clearInterval(watch);
    process.stdout.write('\nstopping everything …\n');
    await Promise.all([prometheus?.stop(), cluster.stop()]);
  }
}

/** Good once, for ten minutes. */
async function signInLink(cluster: ProductCluster): Promise<string> {
  const response = await fetch(`${cluster.urls[0]}/v1/sign-in-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await cluster.adminKey()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ grants: { '*': 'admin' } }),
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}

function tell(cluster: ProductCluster, prometheus: Awaited<ReturnType<typeof startPrometheus>>, signIn: string): void {
  const lines = [
    `Sign in     ${signIn}   (once, within ten minutes)`,
    ...cluster.urls.map((url, index) => `${index === 0 ? 'Open' : 'Also'}        ${url}`),
    ...(prometheus === undefined ? [] : [`Prometheus  ${prometheus.url}`]),
    ...cluster.gateways.map(({ name, port }) => `${name}   http://127.0.0.1:${port}`),
    ...(cluster.logs === undefined ? [] : [`Logs        ${cluster.logs.directory}`]),
    `Admin key   ${cluster.adminKeyFile}`,
    `Processes   ${Object.entries({ ...cluster.processes, ...prometheus?.processes })
      .map(([name, pid]) => `${name} ${pid}`)
      .join(', ')}`,
    ...(cluster.services.kafka.length === 0
      ? ['*** NO KAFKA: gateways hear of each other by PostgreSQL, and projections follow the log. ***']
      : []),
    'Ctrl-C ends all of it.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Says once of each process that it is gone, and why; the others go on, as they would on machines of their own. */
function watcher(
  processes: Readonly<Record<string, number | undefined>>,
  logs: ClusterLogs | undefined,
): () => Promise<void> {
  const gone = new Set<string>();
  return async () => {
    for (const [name, pid] of Object.entries(processes)) {
      if (pid === undefined || gone.has(name) || isAlive(pid)) continue;
      gone.add(name);
      process.stdout.write(`*** ${name} (${pid}) has ended; everything else goes on ***\n`);
      const tail = (await logs?.tailOf(name)) ?? [];
      if (tail.length > 0) process.stdout.write(`The end of ${logs!.fileOf(name)}:\n    ${tail.join('\n    ')}\n`);
    }
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is there as well: PostgreSQL does not run as root.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

await main();
