import { availableParallelism } from 'node:os';
import type { Figure } from '../support/figures.ts';
import type { MeasuredRun } from '../live/measured-run.ts';

export interface FanoutTargets {
  readonly deliveries?: string | undefined;
  readonly p50?: string | undefined;
  readonly p95?: string | undefined;
  readonly p99?: string | undefined;
}

/** What a phase showed. Every event is to arrive once at each of its room's subscribers. */
export function fanoutFigures(
  name: string,
  { published, seen, seconds, cores }: MeasuredRun,
  subscribersARoom: number,
  targets: FanoutTargets,
): Figure[] {
  const figure = (what: string, value: number, unit: string, target?: string): Figure => ({
    name: `${name}: ${what}`,
    value,
    unit,
    ...(target === undefined ? {} : { target }),
  });
  const expected = published.published * subscribersARoom;
  const ms = (micros: number) => micros / 1_000;
  return [
    figure('deliveries', seen.events / seconds, '/s', targets.deliveries),
    figure('p50', ms(seen.latency.p50), 'ms', targets.p50),
    figure('p95', ms(seen.latency.p95), 'ms', targets.p95),
    figure('p99', ms(seen.latency.p99), 'ms', targets.p99),
    figure('longest', ms(seen.latency.max), 'ms'),
    figure('missing', Math.max(0, expected - seen.events + seen.repeated), 'events', '0'),
    figure('repeated', seen.repeated, 'events', '0'),
    figure('connections lost', seen.lost, '', '0'),
    figure('not accepted', published.failed, 'events', '0'),
    figure('events in', published.published / seconds, '/s'),
    figure('frames', seen.frames / seconds, '/s'),
    figure('bytes', seen.bytes / seconds / 1e6, 'MB/s'),
    figure('bytes an event', seen.bytes / Math.max(1, seen.events), ''),
    figure('publisher at most late', published.mostLateMs, 'ms'),
    ...Object.entries(cores).map(([who, value]) =>
      figure(`CPU of ${who}`, value, `cores${who === 'others' ? ` of ${availableParallelism()}` : ''}`),
    ),
  ];
}

/** One line of a phase, while the others still run. */
export function lineOf(name: string, { published, seen, seconds, cores }: MeasuredRun): string {
  const { p50, p99, max } = seen.latency;
  const ms = (micros: number) => (micros / 1_000).toFixed(1);
  const who = Object.entries(cores).map(([process, used]) => `${process} ${used.toFixed(2)}`);
  return (
    `${name}: ${Math.round(seen.events / seconds)} deliveries/s, p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)} ms, ` +
    `frames ${Math.round(seen.frames / seconds)}/s, missing ${seen.missing} repeated ${seen.repeated} lost ${seen.lost}, ` +
    `late ${published.mostLateMs.toFixed(0)} ms, failed ${published.failed} ${published.firstFailure ?? ''}; cores: ${who.join(', ')}`
  );
}
