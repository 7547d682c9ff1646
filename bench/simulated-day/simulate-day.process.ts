import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pageOf } from './day-page.ts';
import { pictureOf } from './day-picture.ts';
import { burstLimit, mostAPod, steepestRamp } from './policy-limits.ts';
import { simulateDay } from './simulate-day.ts';

const reference = path.resolve('docs/reference');
const seed = Number(process.argv[2] ?? 1);

const day = simulateDay({ seed });
const bursts = [2000, ...[4, 6, 8, 10, 14, 18].map((pods) => pods * mostAPod)].map((clients) =>
  burstLimit(clients, seed),
);
const figures = { ...day, bursts, steepestRamp: steepestRamp(seed) };
const { samples, ...sums } = figures;
mkdirSync(path.join(reference, 'figures'), { recursive: true });
// A table: what is written in each line of 1,440 would be five times as long.
const columns = Object.keys(samples[0]!);
const rows = samples.map((sample) => JSON.stringify(Object.values(sample).map((value) => Number(value.toFixed(3)))));
writeFileSync(
  path.join(reference, 'figures/simulated-day.json'),
  `${JSON.stringify({ ...sums, columns }, undefined, 2).slice(0, -2)},\n  "rows": [\n${rows.join(',\n')}\n]\n}\n`,
);
writeFileSync(path.join(reference, 'simulated-day.svg'), pictureOf(day));
writeFileSync(path.join(reference, 'simulated-day.md'), pageOf(figures));
process.stdout.write(`${JSON.stringify(sums, undefined, 2)}\n`);
