/** Where events go: the product, or a peer. */
export interface Publishing {
  readonly to: 'testcast' | 'batches' | 'centrifugo';
  /** `ws://…/stream`, `ws://…` of a peer's entry, or Centrifugo's `http://…`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Name of a room; `%` stands for its number. */
  readonly room: string;
  readonly rooms: number;
  /** What the product is told of each test; default `test.started`, which is the shortest. */
  readonly kind?: 'test.started' | 'test.finished' | undefined;
}

export interface PublishRun {
  /** Over all rooms. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Events of one room that fall due at the same moment, and are published together. */
  readonly batch: number;
  /** Whether to say when each batch was acknowledged. */
  readonly acknowledgements?: boolean | undefined;
}

export interface PublishResult {
  readonly published: number;
  /** What was refused or went wrong; nothing, in a run that counts. */
  readonly failed: number;
  readonly firstFailure?: string | undefined;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The longest that an event had to wait here, from when it was due until it was given to the socket. */
  readonly mostLateMs: number;
  /** Microseconds: when a batch was due, and when it was acknowledged. Empty unless it was asked for. */
  readonly acknowledged: readonly (readonly [due: number, at: number])[];
}

/** Microseconds of the monotonic clock, which the subscribers read as well. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 1_000n);

export const nameOf = (room: string, index: number): string => room.replace('%', String(index));

/** "@" and 16 digits: what the subscribers look for in an event. */
export const stampOf = (dueMicros: number): string => `@${String(Math.round(dueMicros)).padStart(16, '0')}`;
