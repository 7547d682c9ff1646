/** Takes events and says when they are safe with the other side. */
export abstract class EventSink {
  /** Resolves when all of them are taken; rejects with what was said instead. */
  abstract publish(room: number, dueMicros: number, count: number): Promise<void>;
  abstract close(): void;
}
