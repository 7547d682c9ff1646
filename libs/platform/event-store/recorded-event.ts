/** An event to be appended. `data` and `detail` are JSON objects; the digest is taken over both, not over `at`. */
export interface NewEvent {
  /** UUID. The same id with the same content again is a `duplicate`, with other content a `clash`. */
  readonly eventId: string;
  readonly type: string;
  /** Epoch milliseconds, as the sender says. */
  readonly at: number;
  /** What rooms deliver. */
  readonly data: object;
  /** What only a query of the one event needs (stack, snippet, steps): never read for rooms or recovery. */
  readonly detail?: object | undefined;
  /** Lifecycle events move the stream's guard, and their content is not compared when the id is known. */
  readonly lifecycle?: boolean | undefined;
}

/**
 * An event of the log. `dataJson` stays text, so that rooms can splice it into frames without a JSON round trip;
 * `dataOf(event)` parses it.
 */
export interface RecordedEvent {
  readonly slot: number;
  /** 1, 2, 3 … within the slot, without gaps. */
  readonly position: number;
  readonly stream: string;
  /** 1, 2, 3 … within the stream, without gaps; the offset in the stream's room. */
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
  /** The server's clock at the append, epoch milliseconds. */
  readonly recordedAt: number;
  readonly dataJson: string;
}

/** The event's data, parsed. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the type from the event's
export function dataOf<T>(event: Pick<RecordedEvent, 'dataJson'>): T {
  return JSON.parse(event.dataJson) as T;
}

/** An event together with what rooms do not carry. */
export interface DetailedEvent extends RecordedEvent {
  readonly detailJson: string | null;
}
