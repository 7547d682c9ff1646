import { stepMs } from './buckets.ts';

/** Milliseconds before an attempt's end for which its worker counts as busy: of a test that hung a day, the last hour. */
const longestBusyMs = stepMs.hour;

/** Hour (epoch milliseconds) → the minutes in it, bit 0 for the first. */
export type WorkerMinutes = Map<number, bigint>;

/** The minutes in which a worker was busy with an attempt that ended at `at` after `durationMs`. */
export function busyMinutes(at: number, durationMs: number): WorkerMinutes {
  const minutes: WorkerMinutes = new Map();
  const last = Math.floor(at / stepMs.minute);
  const first = Math.floor(Math.max(0, at - Math.min(durationMs, longestBusyMs)) / stepMs.minute);
  for (let minute = first; minute <= last; minute++) {
    const hour = Math.floor(minute / 60) * stepMs.hour;
    minutes.set(hour, (minutes.get(hour) ?? 0n) | (1n << BigInt(minute % 60)));
  }
  return minutes;
}

/** Beginnings (epoch milliseconds) of the minutes of one hour that are in `now` and were not in `before`. */
export function newMinutes(hour: number, before: bigint, now: bigint): number[] {
  const fresh = now & ~before;
  return Array.from({ length: 60 }, (_, minute) => minute)
    .filter((minute) => ((fresh >> BigInt(minute)) & 1n) === 1n)
    .map((minute) => hour + minute * stepMs.minute);
}
