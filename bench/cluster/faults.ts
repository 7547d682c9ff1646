import { parseArgs } from 'node:util';
import { isNative, mostSocketsOfNode } from '../live/load-client.ts';
import { ClientsUnderFaults, type Outcome } from './clients-under-faults.ts';
import { faults } from './fault.ts';
import { ProductCluster } from './product-cluster.ts';

const help = `npm run cluster:faults -- [--subscribers 10000] [--rooms 100] [--rate 20] [--calm 5] [--way haproxy|connect] [--json]

Four gateways, a projector, PostgreSQL with a replica, Redis, Kafka, two HAProxy; subscribers in rooms into which results are
reported over HTTP all the while, each again until it is acknowledged. Then one thing after the other happens. Latency is from
when a result was due until its event was at a subscriber who was in, in milliseconds. By HAProxy there are at most 9,500
subscribers: it has two descriptors for each, of the 20,000 that a process may have. Without --way both ways run.`;

/** Percent of its share by which a gateway may hold more or less. */
const spreadWithin = 5;

interface Report {
  readonly way: string;
  readonly subscribers: number;
  readonly spreadPercent: number;
  readonly outcomes: readonly Outcome[];
  readonly acknowledgedLost: number;
}

async function faultsBy(
  way: 'haproxy' | 'connect',
  sizes: Sizes,
  say: (line: string) => void,
  told: Promise<never>,
): Promise<Report> {
  const ask = way === 'connect';
  const most = Math.min(ask ? 19_000 : 9_500, isNative() ? Number.POSITIVE_INFINITY : mostSocketsOfNode);
  const sockets = Math.min(most, sizes.subscribers);
  const cluster = await ProductCluster.start({ gateways: 4, ownUrls: ask, kafka: true, maxConnections: 6_000, say });
  try {
    const { rooms, rate, calm } = sizes;
    const crowd = await ClientsUnderFaults.start(cluster, {
      sockets,
      rooms: Math.min(rooms, sockets),
      eventsPerSecond: rate,
      calmSeconds: calm,
      ask,
    });
    const spreadPercent = await crowd.spread();
    say(`${way}: ${sockets} are in; the gateway farthest from its share is ${spreadPercent.toFixed(1)} % off`);
    const outcomes: Outcome[] = [];
    let acknowledgedLost: number;
    try {
      for (const fault of faults.filter((each) => each.applies(cluster))) {
        if (ask && fault.name.includes('HAProxy')) continue;
        const outcome = await Promise.race([crowd.undergo(fault), told]);
        say(lineOf(outcome));
        outcomes.push(outcome);
      }
    } finally {
      acknowledgedLost = await crowd.stop();
    }
    return { way, subscribers: sockets, spreadPercent, outcomes, acknowledgedLost };
  } finally {
    await cluster.stop();
  }
}

interface Sizes {
  readonly subscribers: number;
  readonly rooms: number;
  readonly rate: number;
  readonly calm: number;
}

const columns = ['before', 'during', 'after'] as const;

function lineOf(outcome: Outcome): string {
  const phases = columns.map(
    (phase) => `${phase} ${outcome[phase].p50.toFixed(0)}/${outcome[phase].p99.toFixed(0)} ms`,
  );
  return [
    `${outcome.fault}: back ${outcome.backSeconds.toFixed(1)} s`,
    `${outcome.left} left, ${outcome.moved} moved, ${outcome.refused} refused`,
    ...phases,
    `missing ${outcome.missing}, repeated ${outcome.repeated}`,
    `sent again ${outcome.retries}, longest ack ${(outcome.longestAckMs / 1_000).toFixed(1)} s`,
  ].join('; ');
}

/** As docs/how-to/run-a-cluster.md shows it. */
function tableOf({ way, subscribers, spreadPercent, outcomes, acknowledgedLost }: Report): string {
  const title = `${subscribers} subscribers by ${way}: spread within ${spreadPercent.toFixed(1)} %, acknowledged results lost ${acknowledgedLost}`;
  const rows = outcomes.map((outcome) => [
    outcome.fault,
    `${outcome.backSeconds.toFixed(1)} s`,
    ...columns.map((phase) => `${outcome[phase].p50.toFixed(0)} / ${outcome[phase].p99.toFixed(0)}`),
    `${(outcome.longestAckMs / 1_000).toFixed(1)} s`,
    outcome.missing,
    outcome.repeated,
  ]);
  const head = ['fault', 'all back', 'p50 / p99 before', 'during', 'after', 'longest ack', 'missing', 'repeated'];
  return [title, '', head, head.map(() => '---'), ...rows]
    .map((row) => (typeof row === 'string' ? row : `| ${row.join(' | ')} |`))
    .join('\n');
}

/** What was asked for and is not so. */
function problemsOf({ way, spreadPercent, outcomes, acknowledgedLost }: Report): string[] {
  return [
    ...(spreadPercent > spreadWithin ? [`by ${way} a gateway is ${spreadPercent.toFixed(1)} % off its share`] : []),
    ...(acknowledgedLost > 0 ? [`by ${way} ${acknowledgedLost} acknowledged results are lost`] : []),
    ...outcomes.flatMap(({ fault, problems }) => problems.map((problem) => `by ${way}, ${fault}: ${problem}`)),
  ];
}

/** Rejects at Ctrl-C, so that what was started is ended as after a failure. */
function toldToEnd(): Promise<never> {
  const told = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(signal)));
  });
  told.catch(() => undefined); // while nobody waits for it
  return told;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      subscribers: { type: 'string', default: '10000' },
      rooms: { type: 'string', default: '100' },
      rate: { type: 'string', default: '20' },
      calm: { type: 'string', default: '5' },
      way: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const ways = (['haproxy', 'connect'] as const).filter((way) => values.way === undefined || values.way === way);
  if (values.help || ways.length === 0) {
    process.stdout.write(`${help}\n`);
    return values.help ? 0 : 2;
  }
  const [subscribers, rooms, rate, calm] = [values.subscribers, values.rooms, values.rate, values.calm].map(Number);
  const sizes = { subscribers: subscribers!, rooms: rooms!, rate: rate!, calm: calm! };
  const told = toldToEnd();
  const reports: Report[] = [];
  for (const way of ways)
    reports.push(await faultsBy(way, sizes, (line) => void process.stderr.write(`${line}\n`), told));
  process.stdout.write(values.json ? `${JSON.stringify(reports)}\n` : `${reports.map(tableOf).join('\n\n')}\n`);
  const problems = reports.flatMap(problemsOf);
  for (const problem of problems) process.stderr.write(`*** ${problem} ***\n`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
