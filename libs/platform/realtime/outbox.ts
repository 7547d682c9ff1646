import type { EngineSocket } from './realtime-engine.ts';
import type { RealtimeTuning } from './realtime-options.ts';
import type { TextFrame } from './text-frame.ts';

interface Waiting {
  readonly frame: TextFrame;
  readonly since: number;
}

type Bounds = Pick<RealtimeTuning, 'backpressureBytes' | 'maxQueuedBytes' | 'maxQueuedMs'>;

/**
 * What a connection writes. Frames go to the socket while its buffer is below the backpressure threshold, and wait here
 * when it is not, bounded by bytes and by age: a client that answers pings but reads nothing would hold memory for ever.
 * Times are milliseconds of a monotonic clock.
 */
export class Outbox {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  /** Since when the kernel has not taken what it was given; undefined = it takes everything. */
  private congestedSince: number | undefined;

  constructor(
    private readonly socket: EngineSocket,
    private readonly bounds: Bounds,
  ) {}

  /** Whether a frame would go straight to the socket. Whoever can wait (recovery, state rooms) asks first. */
  get writable(): boolean {
    return this.congestedSince === undefined;
  }

  get queuedBytes(): number {
    return this.waitingBytes;
  }

  /** @returns false when the bounds are exceeded: the connection is too slow and must be closed */
  send(frame: TextFrame, now: number): boolean {
    if (this.congestedSince === undefined) {
      this.socket.send(frame);
      if (this.socket.bufferedBytes >= this.bounds.backpressureBytes) this.congestedSince = now;
      return true;
    }
    this.waiting.push({ frame, since: now });
    this.waitingBytes += frame.bytes;
    return this.waitingBytes <= this.bounds.maxQueuedBytes;
  }

  /** Frames that belong together, in one system call while the socket takes them. */
  sendAll(frames: readonly TextFrame[], now: number): boolean {
    if (this.congestedSince === undefined) {
      this.socket.sendAll(frames);
      if (this.socket.bufferedBytes >= this.bounds.backpressureBytes) this.congestedSince = now;
      return true;
    }
    let kept = true;
    for (const frame of frames) kept = this.send(frame, now);
    return kept;
  }

  /** The kernel has taken everything. @returns whether the outbox is writable again */
  drained(now: number): boolean {
    this.congestedSince = undefined;
    let sent = 0;
    while (sent < this.waiting.length && this.congestedSince === undefined) {
      const { frame } = this.waiting[sent]!;
      sent += 1;
      this.waitingBytes -= frame.bytes;
      this.socket.send(frame);
      if (this.socket.bufferedBytes >= this.bounds.backpressureBytes) this.congestedSince = now;
    }
    if (sent > 0) this.waiting.splice(0, sent);
    return this.congestedSince === undefined;
  }

  /** Whether the oldest frame has waited too long, or nothing has moved for as long. */
  overdue(now: number): boolean {
    if (this.congestedSince === undefined) return false;
    const oldest = this.waiting[0]?.since ?? this.congestedSince;
    return now - Math.min(oldest, this.congestedSince) > this.bounds.maxQueuedMs;
  }

  clear(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }
}
