import { hash } from 'node:crypto';

/** The parts of a result's way that others refer to. */
export type TracePart = 'receive' | 'command' | 'append' | 'publish';

/** 32 bits of an event's id, of which those are traced that are at or above the threshold; above all of them: none is. */
const places = 2 ** 32;

/**
 * The trace of an event is its id: every process that meets the event knows its trace without being told, and nothing about
 * traces is stored with it or sent along.
 *
 * @param eventId a UUID @returns 32 hexadecimal digits
 */
export function traceIdOf(eventId: string): string {
  return eventId.replaceAll('-', '');
}

/** The span of a part of an event's way, which the next part, in whichever process, names as its parent. */
export function spanIdOf(eventId: string, part: TracePart): string {
  return hash('sha256', `${eventId}:${part}`, 'hex').slice(0, 16);
}

/** @param ratio of events that are traced, 0 to 1 */
export function thresholdOf(ratio: number): number {
  return Math.ceil((1 - ratio) * places);
}

/**
 * Whether an event is traced. All processes decide alike: by the upper half of the 56 random bits that W3C Trace Context
 * (level 2, 3.2.2.4) and OpenTelemetry's consistent probability sampling go by, so that collectors may thin out further.
 */
export function isTraced(eventId: string, threshold: number): boolean {
  if (threshold >= places) return false;
  // The last 14 digits of the id, of which these are the first eight; there is a dash after the second.
  return threshold === 0 || Number.parseInt(eventId.slice(21, 23) + eventId.slice(24, 30), 16) >= threshold;
}

/** A caller's place in a trace of its own. */
export interface CallerSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}
