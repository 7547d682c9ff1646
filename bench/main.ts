import { parseArgs } from 'node:util';
import { appendForms } from './append-forms/append-forms.scenario.ts';
import { append } from './append/append.scenario.ts';
import { connect } from './connect/connect.scenario.ts';
import { crossNode } from './cross-node/cross-node.scenario.ts';
import { drain } from './drain/drain.scenario.ts';
import { encode } from './encode/encode.scenario.ts';
import { fanout } from './fanout/fanout.scenario.ts';
import { idle } from './idle/idle.scenario.ts';
import { ingestLimit } from './ingest-limit/ingest-limit.scenario.ts';
import { ingest } from './ingest/ingest.scenario.ts';
import { recovery } from './recovery/recovery.scenario.ts';
import { reuse } from './reuse/reuse.scenario.ts';
import { soak } from './soak/soak.scenario.ts';
import { split } from './split/split.scenario.ts';
import { trends } from './trends/trends.scenario.ts';
import { projections } from './projections/projections.scenario.ts';
import { type Scenario, tableOf } from './support/figures.ts';

const scenarios: readonly Scenario[] = [
  append,
  appendForms,
  ingest,
  ingestLimit,
  split,
  projections,
  trends,
  fanout,
  idle,
  connect,
  recovery,
  drain,
  crossNode,
  soak,
  reuse,
  encode,
];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean' },
      growth: { type: 'string' },
      events: { type: 'string' },
      engine: { type: 'string' },
      seconds: { type: 'string' },
      subscribers: { type: 'string' },
      rooms: { type: 'string' },
      rate: { type: 'string' },
      batch: { type: 'string' },
      gateways: { type: 'string' },
      peers: { type: 'string' },
      profile: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const scenario = scenarios.find(({ name }) => name === positionals[0]);
  if (scenario === undefined || values.help === true) {
    const known = scenarios.map(({ name, help }) => `${name}\n${help}`).join('\n\n');
    process.stdout.write(`npm run bench -- <scenario> [--json]\n\n${known}\n`);
    return scenario === undefined ? 2 : 0;
  }
  const figures = await scenario.run((line) => process.stderr.write(`${line}\n`), values);
  const json = JSON.stringify({ scenario: scenario.name, figures });
  process.stdout.write(`${values.json === true ? json : tableOf(figures)}\n`);
  return 0;
}

process.exitCode = await main();
