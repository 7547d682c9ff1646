import { ingest } from './ingest/ingest.scenario.ts';
import { type Scenario, tableOf } from './support/figures.ts';

const scenarios: readonly Scenario[] = [ingest];

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const scenario = scenarios.find(({ name }) => args.includes(name));
  if (scenario === undefined || args.includes('--help')) {
    const known = scenarios.map(({ name, help }) => `${name}\n${help}`).join('\n\n');
    process.stdout.write(`npm run bench -- <scenario> [--json]\n\n${known}\n`);
    return scenario === undefined ? 2 : 0;
  }
  const json = args.includes('--json');
  const figures = await scenario.run((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${json ? JSON.stringify({ scenario: scenario.name, figures }) : tableOf(figures)}\n`);
  return 0;
}

process.exitCode = await main();
