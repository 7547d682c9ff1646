import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { type RecordedEvent, slotCount } from '#platform/event-store';
import { partitionOf } from './kafka-options.ts';

/** An event as it came from the topic. */
export interface PublishedEvent {
  /** Epoch of the log's history that it belongs to. */
  readonly epoch: string;
  readonly event: RecordedEvent;
}

/** The record of an event: its data as it is, everything else in headers, so that nobody parses JSON to find out. */
export function messageOf(event: RecordedEvent, epoch: string): Message {
  const { slot, position, stream, version, eventId, type, at, recordedAt, dataJson } = event;
  return {
    key: stream,
    value: dataJson,
    partition: partitionOf(slot),
    headers: {
      slot: String(slot),
      position: String(position),
      stream,
      version: String(version),
      eventId,
      type,
      at: String(at),
      recordedAt: String(recordedAt),
      epoch,
    },
  };
}

/** Undefined for a record that is none of ours: somebody else wrote into the topic, and the log has what counts. */
export function publishedEventOf({ headers = {}, value }: Pick<KafkaMessage, 'headers' | 'value'>) {
  const [slot, position, version] = [whole(headers, 'slot'), whole(headers, 'position'), whole(headers, 'version')];
  const [at, recordedAt] = [whole(headers, 'at'), whole(headers, 'recordedAt')];
  const [stream, eventId] = [text(headers, 'stream'), text(headers, 'eventId')];
  const [type, epoch] = [text(headers, 'type'), text(headers, 'epoch')];
  const numbers = [slot, position, version, at, recordedAt].every(Number.isSafeInteger);
  if (!numbers || slot >= slotCount || position < 1 || version < 1 || value === null) return undefined;
  if (stream === '' || eventId === '' || type === '' || epoch === '') return undefined;
  const event = new EventOfRecord(slot, position, stream, version, eventId, type, at, recordedAt, value);
  return { epoch, event } satisfies PublishedEvent;
}

/** Its data becomes text when somebody asks: a gateway lets go of most events by their headers. */
class EventOfRecord implements RecordedEvent {
  private json: string | undefined;

  constructor(
    readonly slot: number,
    readonly position: number,
    readonly stream: string,
    readonly version: number,
    readonly eventId: string,
    readonly type: string,
    readonly at: number,
    readonly recordedAt: number,
    private bytes: Buffer | undefined,
  ) {}

  get dataJson(): string {
    if (this.json === undefined) {
      this.json = this.bytes!.toString();
      // The bytes are a view of a whole answer of the broker, which a room's memory would keep with each event.
      this.bytes = undefined;
    }
    return this.json;
  }
}

function text(headers: IHeaders, name: string): string {
  const value = headers[name];
  return Buffer.isBuffer(value) || typeof value === 'string' ? value.toString() : '';
}

function whole(headers: IHeaders, name: string): number {
  const digits = text(headers, name);
  return /^-?\d{1,16}$/.test(digits) ? Number(digits) : NaN;
}
