import assert from 'node:assert/strict';
import { dataOf, type RecordedEvent } from '#platform/event-store';
import { guardOf, type ModelStream } from './model-log.ts';
import type { Bounds, Seen } from './model-reader.ts';

/** Streams by name, and where each slot's events of the script begin. */
export interface Moment {
  readonly streams: ReadonlyMap<string, ModelStream>;
  readonly heads: ReadonlyMap<number, number>;
}

/** Holds what was read and announced against the model: the truth is somewhere between two moments. */
export class ModelJudge {
  /** What is at each place of a slot, as somebody has seen it: whoever looks again must see the same. */
  private readonly places = new Map<string, string>();

  /** @param epoch of the whole script */
  constructor(private readonly epoch: string) {}

  judge(seen: Seen, before: Moment, after: Moment): void {
    if (seen.kind === 'heads') {
      assert.equal(seen.heads.epoch, this.epoch);
      for (const [slot, least] of before.heads) {
        requireBetween(`the head of slot ${slot}`, seen.heads.positions[slot]!, least, after.heads.get(slot)!);
      }
      return;
    }
    const { events } = 'events' in seen ? seen : seen.page;
    for (const event of events) this.judgeEvent(event, after);
    if (seen.kind === 'slots') {
      this.judgeSlots(seen, before);
      return;
    }
    if (seen.kind === 'slot') {
      const { slot, bounds, after: offset } = seen;
      assert.deepEqual(
        events.map(({ position }) => position),
        events.map((_, index) => offset + 1 + index),
      );
      // Those that came meanwhile may be seen or not.
      requireProgress(events, bounds, before.heads.get(slot)! - offset);
      return;
    }
    const { stream, version, guard, epoch } = seen.page;
    const [earlier, later] = [before.streams.get(stream)!, after.streams.get(stream)!];
    assert.equal(epoch, this.epoch);
    requireBetween(`the version of ${stream}`, version, earlier.length, later.length);
    assert.equal(guard, guardOf(later, version));
    if (seen.kind === 'lifecycle') {
      const versions = later.flatMap(({ lifecycle }, index) => (lifecycle && index < version ? [index + 1] : []));
      assert.deepEqual(
        events.map((event) => event.version),
        versions,
      );
      return;
    }
    assert.deepEqual(
      events.map((event) => event.version),
      events.map((_, index) => seen.after + 1 + index),
    );
    requireBetween('the last version of the page', events.at(-1)?.version ?? 0, 0, version);
    requireProgress(events, seen.bounds, version - seen.after);
  }

  private judgeSlots({ after, bounds, events }: Seen & { kind: 'slots' }, { heads }: Moment): void {
    let waiting = 0;
    for (const [slot, offset] of after) {
      const positions = events.filter((event) => event.slot === slot).map(({ position }) => position);
      assert.deepEqual(
        positions,
        positions.map((_, index) => offset + 1 + index),
      );
      // The limit is shared out: what one slot does not need is left to the next read.
      waiting += Math.min(heads.get(slot)! - offset, Math.ceil(bounds.limit / after.size));
    }
    assert.ok(events.every(({ slot }) => after.has(slot)));
    requireProgress(events, bounds, Math.min(waiting, bounds.limit));
  }

  judgeEvent(event: RecordedEvent, { streams }: Moment): void {
    const { stream, version, slot, position, eventId } = event;
    const expected = streams.get(stream)?.[version - 1];
    assert.deepEqual(
      { stream, version, eventId, ...dataOf<object>(event) },
      {
        stream,
        version,
        eventId: expected?.id,
        content: expected?.content,
      },
    );
    this.judgePlace(slot, position, stream, version);
  }

  judgePlace(slot: number, position: number, stream: string, version: number): void {
    const [place, event] = [`slot ${slot}, position ${position}`, `${stream}, version ${version}`];
    assert.equal(`${place}: ${this.places.get(place) ?? event}`, `${place}: ${event}`);
    assert.equal(`${event}: ${this.places.get(event) ?? place}`, `${event}: ${place}`);
    this.places.set(place, event);
    this.places.set(event, place);
  }
}

/** A page may be as short as its bounds say and no shorter: a reader that is given nothing believes that it is at the end. */
function requireProgress(events: readonly RecordedEvent[], { limit, maxBytes }: Bounds, waiting: number): void {
  requireBetween('the length of a page', events.length, 0, limit);
  let bytes = 0;
  for (const { dataJson } of events.slice(0, -1)) bytes += Buffer.byteLength(dataJson);
  requireBetween('the bytes of a page without its last event', bytes, 0, maxBytes - 1);
  const isFull = events.length === limit || bytes + Buffer.byteLength(events.at(-1)?.dataJson ?? '') >= maxBytes;
  if (!isFull) requireBetween('the length of a page that has room', events.length, waiting, limit);
}

function requireBetween(what: string, number: number, least: number, most: number): void {
  assert.ok(number >= least && number <= most, `${what} is ${number}, which is not from ${least} to ${most}`);
}
