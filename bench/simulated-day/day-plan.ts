import type { Region } from './region.ts';

export const secondsADay = 86_400;
const clock = (hours: number, minutes = 0): number => hours * 3600 + minutes * 60;

/** How many watch, by the time of the day; straight lines between. */
const course: readonly (readonly [at: number, clients: number])[] = [
  [clock(0), 2000],
  [clock(6), 1500],
  [clock(7, 30), 3000],
  [clock(9, 30), 14_000],
  [clock(11, 45), 17_000],
  [clock(12, 30), 11_000],
  [clock(13, 30), 17_000],
  [clock(15), 24_000],
  [clock(17), 26_000],
  [clock(19), 13_000],
  [clock(22), 5000],
  [clock(24), 2000],
];

export type DayEvent = { readonly at: number; readonly says: string } & (
  | { readonly kind: 'burst'; readonly clients: number; readonly lasts: number }
  | { readonly kind: 'crash' | 'node-lost'; readonly gateways: number }
  | { readonly kind: 'deploy' }
);

/** What does not go as it usually goes. */
export const dayEvents: readonly DayEvent[] = [
  { at: clock(3), kind: 'burst', clients: 5000, lasts: clock(0, 20), says: 'burst of 5,000 at night' },
  { at: clock(4), kind: 'deploy', says: 'deploy at night' },
  { at: clock(10, 15), kind: 'burst', clients: 5000, lasts: clock(0, 20), says: 'burst of 5,000 in the morning' },
  { at: clock(11), kind: 'deploy', says: 'deploy under load' },
  { at: clock(14), kind: 'crash', gateways: 1, says: 'a gateway crashes' },
  { at: clock(15, 30), kind: 'burst', clients: 5000, lasts: clock(0, 20), says: 'burst of 5,000 in the afternoon' },
  { at: clock(16, 30), kind: 'node-lost', gateways: 2, says: 'a machine with two gateways is lost' },
  { at: clock(21), kind: 'crash', gateways: 1, says: 'a gateway crashes' },
];

/** Clients that should be there, bursts included: they come within a minute, and go within one. */
export function wantedClients(at: number): number {
  const after = course.findIndex(([from]) => from > at);
  const [[from, least], [to, most]] = [course[after - 1] ?? course.at(-1)!, course[after] ?? course.at(-1)!];
  const usual = to === from ? most : least + ((most - least) * (at - from)) / (to - from);
  const extra = dayEvents
    .filter((event) => event.kind === 'burst')
    .reduce((sum, burst) => sum + burst.clients * within(at, burst.at, burst.lasts), 0);
  return Math.round(usual + extra);
}

/** 0…1: up within the first minute, down within the last. */
function within(at: number, from: number, lasts: number): number {
  return Math.max(0, Math.min(1, (at - from) / 60, (from + lasts - at) / 60));
}

/** Europe by day, America in the evening: from a tenth at 8 to nine tenths at 20. */
export function regionOf(at: number, random: number): Region {
  const americans = Math.min(0.9, Math.max(0.1, 0.1 + (0.8 * (at - clock(8))) / clock(12)));
  return random < americans ? 'us-east' : 'eu-central';
}
