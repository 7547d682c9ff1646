import { answer } from '../support/in-child.ts';
import { measureInTurn } from '../support/micro.ts';
import { pairTimes } from './no-delay.ts';
import { compressions, senders } from './senders.ts';
import { type Comparison, writers } from './writers.ts';

async function measured({ name, pieces, variants }: Comparison) {
  const seen = await measureInTurn(variants);
  return { name, pieces, results: variants.map((variant) => ({ name: variant.name, ...seen.get(variant.name)! })) };
}

export type MeasuredComparison = Awaited<ReturnType<typeof measured>>;

answer(async () => {
  const compared = [];
  const compressed = compressions();
  for (const comparison of [...writers(), senders(), ...compressed.map((each) => each.comparison)]) {
    compared.push(await measured(comparison));
  }
  const noDelay = { on: await pairTimes(true), off: await pairTimes(false) };
  return { compared, sizes: compressed.map(({ sizes }) => sizes), noDelay };
});
