// Writes docs/reference/capacity.md from docs/reference/figures/measured.json: node scripts/capacity.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

process.chdir(path.resolve(import.meta.dirname, '..'));

const page = 'docs/reference/capacity.md';
const { machine, figures } = JSON.parse(readFileSync('docs/reference/figures/measured.json', 'utf8'));
const value = (name) => figures[name].value;
/** Of a core, beyond which latencies grow faster than load does. */
const fullAt = 0.6;
/** Connections of a gateway in a cluster that the autoscaler aims at, of 2,500 places. */
const connectionsAGateway = 2000;

/** What deploy/haproxy has places for, and the projectors beside them. */
const [gatewaysOnMachines, projectorsOnMachines] = [20, 4];
const connectionsOfOperators = 20;

const cases = [
  { watchers: 500, results: 50, eventsAWatcher: 1 },
  { watchers: 2000, results: 200, eventsAWatcher: 2 },
  { watchers: 10_000, results: 1000, eventsAWatcher: 10 },
  { watchers: 10_000, results: 5000, eventsAWatcher: 20 },
  { watchers: 30_000, results: 5000, eventsAWatcher: 10 },
];

/** Of cores kept at 60 %. */
function needs({ watchers, results, eventsAWatcher }, kind) {
  const cores = (micros) => micros / 1e6 / fullAt;
  const gatewayCores = cores(
    watchers * value('connectionCpuMicrosPerSecond') +
      watchers * eventsAWatcher * value('deliveryCpuMicros') +
      results * value(`${kind}GatewayMicros`),
  );
  return {
    // One more than the load needs: one of them may be away.
    gateways: Math.max(Math.ceil(watchers / connectionsAGateway), Math.ceil(gatewayCores)) + 1,
    gatewayCores,
    projectors: Math.max(1, Math.ceil(cores(results * value(`${kind}ProjectorMicros`)))) + 1,
    postgresCores: Math.max(1, Math.ceil(cores(results * value(`${kind}PostgresMicros`)))),
  };
}

const shown = (number) => number.toLocaleString('en');
const row = (load) => {
  const [batched, single] = [needs(load, 'batched'), needs(load, 'single')];
  const both = (of) => (of(batched) === of(single) ? of(batched) : `${of(batched)} / ${of(single)}`);
  return `| ${shown(load.watchers)} | ${shown(load.eventsAWatcher)} | ${shown(load.results)} | ${both((n) => n.gateways)} | ${both((n) => n.projectors)} | ${both((n) => n.postgresCores)} |`;
};

const text = `# Capacity

How many processes, and what PostgreSQL, for so many watchers and results. Made by \`npm run capacity\` from
[measured figures](figures/measured.json); a test holds the two together.

## What was measured

On ${machine}.

| figure | value | command |
|---|---|---|
${Object.values(figures)
  .map(({ value, unit, is, command }) => `| ${is} | ${value} ${unit} | \`${command}\` |`)
  .join('\n')}

## The formula

For W watchers who each see E events a second, and R results a second:

- cores of gateways = (W × ${value('connectionCpuMicrosPerSecond')} + W × E × ${value('deliveryCpuMicros')} + R × ${value('batchedGatewayMicros')} µs) / ${fullAt} s. Results one by one cost ${value('singleGatewayMicros')} µs instead of ${value('batchedGatewayMicros')}.
- the figure of a delivery includes its share of taking results, which is counted again with R: the result is on the safe side.
- gateways = the larger of these cores (a gateway uses one) and W / ${shown(connectionsAGateway)}, each rounded up, and one more.
- projectors = R × ${value('batchedProjectorMicros')} µs / ${fullAt} s (one by one ${value('singleProjectorMicros')}), at least one, and one more.
- cores of PostgreSQL = R × ${value('batchedPostgresMicros')} µs / ${fullAt} s (one by one ${value('singlePostgresMicros')}), for the primary.
- connections of PostgreSQL = 17 × (gateways + projectors), a pool of 16 and one that hears of commits each, and ${connectionsOfOperators} for starts, commands and
  operators; a rollout that starts new ones first counts both. \`deploy/postgres\` allows 450 of 480, which is ${gatewaysOnMachines} gateways and ${projectorsOnMachines} projectors;
  \`deploy/kubernetes\` 600, which is 25 and 3. A standby that answers reads (\`DATABASE_REPLICA_URLS\`) has 4 from each gateway.
- memory of a gateway = what it has at its start and ${value('connectionMemoryKiB')} KiB a connection; caches of rooms are given up before they matter.

Margins: cores are kept at ${fullAt * 100} %, since latencies grow faster than load beyond that; one process of each kind may be away; ${shown(connectionsAGateway)} of 2,500
places are planned for, and what a burst needs beyond that is in [a simulated day](simulated-day.md).

## The table

Where two numbers stand, the first is for reports and batches of 100, the second for results one by one.

| watchers | events a second each | results a second | gateways | projectors | cores of PostgreSQL |
|---|---|---|---|---|---|
${cases.map(row).join('\n')}

What is not in it: the network (a delivery is about 270 bytes), the disk, and more
results into one single run than one slot of the log commits. CPU differs between machines: measure on yours.

## Measure again

On a machine with nothing else on it run the commands above, put the values into \`docs/reference/figures/measured.json\`, and then \`npm run capacity\`.
`;

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.log(`${page} is out of date: npm run capacity`);
    process.exitCode = 1;
  }
} else writeFileSync(page, text);
