import type { Figure, Scenario } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import type { MeasuredComparison } from './encode.process.ts';
import { installJsonCompiler } from './json-compiler.ts';
import type { NoDelayTimes } from './no-delay.ts';
import type { Compressed } from './senders.ts';

interface Encoded {
  readonly compared: readonly MeasuredComparison[];
  readonly sizes: readonly Compressed[];
  readonly noDelay: { readonly on: NoDelayTimes; readonly off: NoDelayTimes };
}

/** What it costs to write a message, and what each option of a socket brings. */
export const encode: Scenario = {
  name: 'encode',
  help: `Writing of what the hot path sends, on the product's own functions. JSON: frames of 1 to 200 events, replies and the data of an event,
as we write them, by JSON.stringify, and by a function compiled from a schema (fast-json-stringify, installed into a cache of its own); in
frames the other two are given each event's data as an object for nothing, which the log has as text, and once have to parse it.
Sending: one frame to 1,000 sockets that take everything, prepared once as ours are, and by the sender of ws: time for each socket,
without the system call. Compression of a room's frame of 10, 50 and 200 events, on and off: bytes, and time for all sockets of the
room together. No-delay on and off: from a request until both of two small writes that answer it have come, on loopback, 200 times. 15
rounds of 60 ms each in turn, medians of CPU time, in a process of its own; server and client of no-delay share it, idle. Left out: networks.`,
  async run(print) {
    installJsonCompiler();
    const url = new URL('encode.process.js', import.meta.url);
    const { compared, sizes, noDelay } = await inChild<Encoded>(url, {});
    const figures = compared.flatMap((comparison) => comparedFigures(comparison));
    for (const comparison of compared) print(lineOf(comparison));
    return [
      ...figures,
      ...sizes.flatMap(({ events, bytes, deflatedBytes }) => [
        { name: `room frame of ${events} events: not compressed`, value: bytes, unit: 'bytes' },
        { name: `room frame of ${events} events: compressed`, value: deflatedBytes, unit: 'bytes' },
      ]),
      ...Object.entries(noDelay).flatMap(([state, { p50, p99 }]) => [
        { name: `no-delay ${state}: an answer of two writes, p50`, value: p50, unit: 'ms' },
        { name: `no-delay ${state}: an answer of two writes, p99`, value: p99, unit: 'ms' },
      ]),
    ];
  },
};

function comparedFigures({ name, pieces, results }: MeasuredComparison): Figure[] {
  const [ours, ...others] = results;
  const each = pieces === 1 ? 'ns' : 'ns a piece';
  return [
    { name: `${name}, ${ours!.name}`, value: ours!.nanos / pieces, unit: each },
    ...others.map((other) => ({
      name: `${name}, ${other.name}`,
      value: other.nanos / pieces,
      unit: each,
      peer: ours!.name,
      peerValue: ours!.nanos / pieces,
      ratio: other.nanos / ours!.nanos,
    })),
  ];
}

const lineOf = ({ name, results }: MeasuredComparison): string =>
  `${name}: ${results.map((each) => `${each.name} ${(each.nanos / 1_000).toFixed(2)} µs`).join(', ')}`;
