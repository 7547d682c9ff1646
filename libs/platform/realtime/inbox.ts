import { performance } from 'node:perf_hooks';
import type { MessageHandler } from './handler-table.ts';
import type { Message } from './message.ts';
import type { RealtimeTuning } from './realtime-options.ts';
import { TextFrame } from './text-frame.ts';

type Bounds = Pick<RealtimeTuning, 'inFlight' | 'maxWaiting' | 'maxWaitingBytes'>;

interface Entry {
  readonly message: Message;
  readonly handler: MessageHandler;
  readonly bytes: number;
}

/**
 * Messages of one connection, in order of arrival: handlers start in that order, up to 16 wait for their reply at once,
 * and replies leave in that order too. What arrives beyond waits, within bounds.
 */
export class Inbox {
  /** The first `started` have been handed to their handlers and are not yet replied to. */
  private readonly entries: Entry[] = [];
  private started = 0;
  private waitingBytes = 0;
  private flushing = false;
  private closed = false;

  constructor(
    private readonly bounds: Bounds,
    private readonly write: (frames: TextFrame[]) => void,
    private readonly onHandled: ((type: string, milliseconds: number, error?: string) => void) | undefined,
  ) {}

  get idle(): boolean {
    return this.entries.length === 0;
  }

  /** @returns false when it is full */
  receive(message: Message, handler: MessageHandler, bytes: number): boolean {
    this.entries.push({ message, handler, bytes });
    this.waitingBytes += bytes;
    this.startNext();
    const waiting = this.entries.length - this.started;
    return waiting <= this.bounds.maxWaiting && this.waitingBytes <= this.bounds.maxWaitingBytes;
  }

  /**
   * A message has its reply. Replies that come in one burst (a batch that was committed settles up to 16) leave in one
   * write: the tick comes after the promises of the burst.
   */
  settled(): void {
    if (this.flushing || this.closed) return;
    this.flushing = true;
    process.nextTick(flush, this);
  }

  /** Replies that come later are dropped, and waiting messages are not handled. */
  close(): void {
    this.closed = true;
    this.entries.length = 0;
    this.started = 0;
  }

  flush(): void {
    this.flushing = false;
    const ready = this.takeReady();
    if (ready.length === 0) return;
    this.write(ready.map(({ message }) => TextFrame.of(message.reply!)));
    for (const { message } of ready) {
      this.onHandled?.(message.type, performance.now() - message.arrivedAt, message.errorCode);
      if (!this.closed) message.written();
    }
    this.startNext();
  }

  private takeReady(): Entry[] {
    let count = 0;
    while (count < this.started && this.entries[count]!.message.reply !== undefined) count += 1;
    this.started -= count;
    return this.entries.splice(0, count);
  }

  private startNext(): void {
    while (this.started < this.bounds.inFlight && this.started < this.entries.length) {
      const entry = this.entries[this.started]!;
      this.started += 1;
      this.waitingBytes -= entry.bytes;
      handle(entry);
    }
  }
}

function flush(inbox: Inbox): void {
  inbox.flush();
}

function handle({ message, handler }: Entry): void {
  try {
    const result = handler(message);
    if (result instanceof Promise) {
      result.then(
        (value) => message.succeed(value),
        (error: unknown) => message.fail(error),
      );
    } else {
      message.succeed(result);
    }
  } catch (error) {
    message.fail(error);
  }
}
