import type { ParkedInProjection, ParkingOutcome, ProjectionStatus, RebuildProgress } from '#platform/messaging';
import { barOf } from '#platform/terminal';

/** One line a projection, columns aligned. */
export function statusLines(projections: readonly ProjectionStatus[]): string[] {
  const width = Math.max(0, ...projections.map(({ name }) => name.length));
  return projections.map(({ name, version, build, lag, parked, rebuilding }) => {
    const columns = [name.padEnd(width), `version ${version}`, `build ${build}`, `lag ${count(lag)}`];
    if (parked > 0) columns.push(`parked ${count(parked)}`);
    if (rebuilding !== undefined) columns.push(`rebuilding ${progressLine(rebuilding)}`);
    return columns.join('  ');
  });
}

/** `[######------------------------] 21 %  63,000 of 300,000 events  18,400/s  13 s left` */
export function progressLine({ done, total, rate, left }: RebuildProgress): string {
  const columns = [barOf(shareOf({ done, total })), `${count(done)} of ${count(total)} events`];
  if (rate !== undefined) columns.push(`${count(rate)}/s`);
  if (left !== undefined) columns.push(`${count(Math.ceil(left / 1_000))} s left`);
  return columns.join('  ');
}

/** 0…1 */
export function shareOf({ done, total }: RebuildProgress): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

export function parkedLines(parked: readonly ParkedInProjection[]): string[] {
  if (parked.length === 0) return ['No stream is parked.'];
  return parked.flatMap(({ projection, stream, firstVersion, events, error, parkedAt, ordered }) => [
    `${projection}  ${stream}  at version ${firstVersion}, ${count(events)} events wait since ${new Date(parkedAt).toISOString()}` +
      (ordered === null ? '' : `, ${ordered} ordered`),
    `    ${error.split('\n', 1)[0]!}`,
  ]);
}

export function outcomeLines(stream: string, outcomes: readonly ParkingOutcome[]): string[] {
  if (outcomes.length === 0) return [`${stream} is not parked.`];
  return outcomes.map((one) => {
    if (one.outcome === 'applied') return `${one.projection}: everything is applied, the stream is parked no more`;
    if (one.outcome === 'ordered') return `${one.projection}: ordered; no projector has come to it yet`;
    return `${one.projection}: parked at version ${one.version}: ${one.error.split('\n', 1)[0]!}`;
  });
}

const count = (value: number): string => value.toLocaleString('en');
