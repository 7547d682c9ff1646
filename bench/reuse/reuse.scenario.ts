import type { Figure, Scenario } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import type { MicroResult } from '../support/micro.ts';

interface Compared {
  readonly name: string;
  readonly fresh: MicroResult;
  readonly reused: MicroResult;
}

/** A gain smaller than this is not worth an object that somebody may still hold. */
const worthPercent = 10;

/** Whether objects should be used again. */
export const reuse: Scenario = {
  name: 'reuse',
  help: `Message, event and connection objects made anew beside the same ones taken from a pool and set anew, with the product's own
classes: a message alone; a frame of ten results parsed, its message, its reply written and framed; ten recorded events made into a
frame; a connection set up and greeted. Nobody shares an object meanwhile: what a real pool needs to know who is done with one
comes on top, so this is the most that reuse can gain. 15 rounds of 60 ms for each in turn, in a process of its own, after
four that do not count; medians. CPU time a piece of work, collecting threads included, the time of it in collections of garbage, and bytes allocated on the heap. Worth it = at
least 10 % faster, and by more than the rounds differ. Left out: sockets, the kernel, and what else fills the heap meanwhile.`,
  async run(print) {
    const url = new URL('reuse.process.js', import.meta.url);
    return (await inChild<Compared[]>(url, {})).flatMap((compared) => {
      print(lineOf(compared));
      return figuresOf(compared);
    });
  },
};

const gainOf = ({ fresh, reused }: Compared): number => (1 - reused.nanos / fresh.nanos) * 100;

function isWorth(compared: Compared): boolean {
  return gainOf(compared) > Math.max(worthPercent, compared.fresh.spread, compared.reused.spread);
}

function lineOf(compared: Compared): string {
  const { name, fresh, reused } = compared;
  const side = ({ nanos, gcNanos, bytes }: MicroResult) =>
    `${Math.round(nanos)} ns (${Math.round(gcNanos)} in collections, ${Math.round(bytes)} bytes)`;
  return `${name}: fresh ${side(fresh)}, reused ${side(reused)}, gain ${gainOf(compared).toFixed(1)} %`;
}

function figuresOf(compared: Compared): Figure[] {
  const { name, fresh, reused } = compared;
  const of = (side: string, { nanos, gcNanos, bytes, spread }: MicroResult): Figure[] => [
    { name: `${name}, ${side}`, value: nanos, unit: 'ns' },
    { name: `${name}, ${side}: in collections`, value: gcNanos, unit: 'ns' },
    { name: `${name}, ${side}: allocated`, value: bytes, unit: 'bytes' },
    { name: `${name}, ${side}: rounds differ by`, value: spread, unit: '%' },
  ];
  return [
    ...of('fresh', fresh),
    ...of('reused', reused),
    { name: `${name}: gain of reuse`, value: gainOf(compared), unit: '%' },
    { name: `${name}: worth it`, value: isWorth(compared) ? 1 : 0, unit: '(1 = yes)' },
  ];
}
