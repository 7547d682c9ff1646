import { hash } from 'node:crypto';
import { canonicalJson, DomainError } from '#platform/kernel';
import type { Append, Expected } from './event-store.ts';
import type { NewEvent } from './recorded-event.ts';
import { slotOf } from './slot.ts';

/** An event as it is stored. */
export interface EncodedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
  readonly dataJson: string;
  readonly detailJson: string | null;
  /** 8 bytes as hexadecimal text: a Buffer for each event would be more work for the collector than the rest of it. */
  readonly digest: string;
  readonly lifecycle: boolean;
}

export interface EncodedAppend {
  readonly slot: number;
  readonly stream: string;
  readonly expected: Expected | undefined;
  readonly events: readonly EncodedEvent[];
  /** UTF-8 bytes of data and details. */
  readonly bytes: number;
}

/** Far above what the protocol lets in (500 items, 512 KiB a batch): what they stop would hold up everyone in its lane. */
export const appendLimits = { events: 5_000, bytes: 32 * 1024 * 1024, streamBytes: 1_000, typeLength: 200 };

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** PostgreSQL has no NUL in a text, and a lone surrogate would be stored as another character: two names could become one. */
const unstorable = /[\0\uD800-\uDFFF]/u;

/**
 * Checks and encodes an append. What is wrong with one must be found before it joins a batch: the statement would fail for
 * everything that shares it.
 *
 * @throws DomainError `request.invalid`, `request.too-large`
 */
export function encodeAppend({ stream, expected, events }: Append): EncodedAppend {
  if (stream === '' || unstorable.test(stream) || Buffer.byteLength(stream) > appendLimits.streamBytes) {
    throw invalid('a stream is named by 1 to 1,000 bytes of text');
  }
  if (events.length > appendLimits.events) throw tooLarge('events', appendLimits.events);
  const least = expected === undefined ? 0 : 'version' in expected ? expected.version : expected.guard;
  if (!Number.isSafeInteger(least) || least < 0) throw invalid('a version is an integer from 0 on');
  let bytes = 0;
  const encoded = events.map((event) => {
    const one = encodeEvent(event);
    bytes += Buffer.byteLength(one.dataJson) + (one.detailJson === null ? 0 : Buffer.byteLength(one.detailJson));
    return one;
  });
  if (bytes > appendLimits.bytes) throw tooLarge('bytes', appendLimits.bytes);
  return { slot: slotOf(stream), stream, expected, events: encoded, bytes };
}

function encodeEvent({ eventId, type, at, data, detail, lifecycle }: NewEvent): EncodedEvent {
  if (!uuid.test(eventId)) throw invalid('an event id is a UUID');
  if (type === '' || type.length > appendLimits.typeLength || unstorable.test(type)) {
    throw invalid('an event type is 1 to 200 characters');
  }
  if (!Number.isSafeInteger(at)) throw invalid('the time of an event is an integer, in epoch milliseconds');
  // Written once, for the digest and to be stored.
  const [dataJson, detailJson] = [canonicalJson(data), detail === undefined ? null : canonicalJson(detail)];
  return {
    // As PostgreSQL writes it, so that what is announced and what is read later are the same.
    eventId: eventId.toLowerCase(),
    type,
    at,
    dataJson,
    detailJson,
    digest: digestOf(type, dataJson, detailJson),
    lifecycle: lifecycle === true,
  };
}

/** Tells other content under a known id: the first 8 bytes of a sha256. Without `at`, which a repeat may stamp anew. */
function digestOf(type: string, dataJson: string, detailJson: string | null): string {
  return hash('sha256', `[${JSON.stringify(type)},${dataJson},${detailJson}]`, 'hex').slice(0, 16);
}

function invalid(message: string): DomainError {
  return new DomainError('request.invalid', `The event store refuses this: ${message}.`);
}

function tooLarge(unit: 'events' | 'bytes', limit: number): DomainError {
  return new DomainError('request.too-large', `An append has at most ${limit} ${unit}.`, { details: { limit } });
}
