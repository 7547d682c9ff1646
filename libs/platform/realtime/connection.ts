import { performance } from 'node:perf_hooks';
import { closeCodes, limits } from '@testcast/contracts';
import { type Caller, DomainError, holds } from '#platform/kernel';
import type { ConnectedClient } from './connected-client.ts';
import { parseClientFrame } from './client-frame.ts';
import type { HandlerTable } from './handler-table.ts';
import { Inbox } from './inbox.ts';
import { leaving, Message } from './message.ts';
import type { MovedRoom } from './migration/moved-connection.ts';
import { Outbox } from './outbox.ts';
import type { EngineSocket, SocketListener } from './realtime-engine.ts';
import type { RealtimeOptions, RealtimeTuning } from './realtime-options.ts';
import type { Subscription } from './subscription.ts';
import { TextFrame } from './text-frame.ts';

/** What connections share. */
export interface ConnectionContext {
  readonly options: RealtimeOptions;
  readonly tuning: RealtimeTuning;
  readonly handlers: HandlerTable;
  readonly now: () => number;
  readonly onClosed: (connection: Connection, code: number) => void;
  /** A ping came back. @param now monotonic clock */
  readonly onRoundTrip: (milliseconds: number, now: number) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** What a server-decided close tells the client. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly reconnectInMs: number;
}

/** Called when a connection that was asked to move is gone. @param went by itself, and not closed by this server */
export type OnGone = (went: boolean) => void;

/** One admitted client: who it is, what it sent and is sent, the rooms it is in. */
export class Connection implements ConnectedClient, SocketListener {
  readonly subscriptions = new Map<string, Subscription>();
  private readonly outbox: Outbox;
  private readonly inbox: Inbox;
  private lastSeen = performance.now();
  private lastPing = 0;
  /** When the ping went out that has not come back; undefined while none is out. */
  private pingedAt: number | undefined;
  private badFrames = 0;
  private state: 'open' | 'leaving' | 'closing' | 'closed' = 'open';
  private leavingAs: Closing | undefined;
  /** Replies that it still waits for are waited for no longer (monotonic clock). */
  private leavingUntil = Infinity;
  private sentClose: number | undefined;
  /** Until when the client may take its time to move (monotonic clock); undefined = nobody asked it to. */
  private movingUntil: number | undefined;
  private onGone: OnGone | undefined;
  /** When it came here from another server (monotonic clock); undefined for who came by itself. */
  movedHereAt: number | undefined;

  constructor(
    readonly id: string,
    /** Spreads the pings of those who came together. */
    private readonly pingSpreadMs: number,
    private readonly socket: EngineSocket,
    public caller: Caller,
    private readonly context: ConnectionContext,
  ) {
    this.outbox = new Outbox(socket, context.tuning);
    this.inbox = new Inbox(context.tuning, (frames) => this.sendAll(frames), context.options.onHandled);
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get isMoving(): boolean {
    return this.movingUntil !== undefined;
  }

  /** Whether a frame would go straight to the socket. */
  get writable(): boolean {
    return this.state !== 'closing' && this.state !== 'closed' && this.outbox.writable;
  }

  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  /** The first frame, always. @param restored rooms that it is in already */
  greet(restored?: readonly string[]): void {
    const { idleTimeoutMs, inFlight, maxRooms } = this.context.tuning;
    const { clientFrameBytes, serverFrameBytes, batchItems, batchBytes } = limits;
    this.send(
      TextFrame.ofJson({
        type: 'connected',
        serverId: this.context.options.serverId,
        connectionId: this.id,
        timestamp: this.context.now(),
        restored,
        limits: {
          clientFrameBytes,
          serverFrameBytes,
          batchItems,
          batchBytes,
          inFlight,
          idleTimeoutMs,
          rooms: maxRooms,
        },
      }),
    );
  }

  /** Writes now or when the client has read what is before it; a client that is too slow is closed instead. */
  send(frame: TextFrame): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    if (!this.outbox.send(frame, performance.now())) this.closeAsTooSlow();
  }

  private sendAll(frames: readonly TextFrame[]): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    if (!this.outbox.sendAll(frames, performance.now())) this.closeAsTooSlow();
  }

  onText(text: string, bytes: number): void {
    const now = (this.lastSeen = performance.now());
    if (this.state === 'closing' || this.state === 'closed') return;
    const frame = parseClientFrame(text);
    if (frame === undefined) {
      this.refuseFrame();
      return;
    }
    const message = new Message(this, frame.id, frame.type, frame.data, now);
    const handler = this.state === 'leaving' ? refuseLeaving : (this.context.handlers.get(frame.type) ?? refuseUnknown);
    if (this.inbox.receive(message, handler, bytes)) return;
    this.close({ code: closeCodes.tooManyMessages, reason: 'too many messages', reconnectInMs: 1000 });
  }

  onBinary(): void {
    this.lastSeen = performance.now();
    if (this.state === 'open') this.refuseFrame();
  }

  onAlive(): void {
    this.lastSeen = performance.now();
  }

  onPong(): void {
    this.lastSeen = performance.now();
    // A pong may come that nobody asked for (RFC 6455, 5.5.3).
    if (this.pingedAt === undefined) return;
    this.context.onRoundTrip(this.lastSeen - this.pingedAt, this.lastSeen);
    this.pingedAt = undefined;
  }

  onDrain(): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    if (!this.outbox.drained(performance.now())) return;
    for (const subscription of this.subscriptions.values()) {
      if (!this.outbox.writable) return;
      subscription.resume();
    }
  }

  onClose(code: number): void {
    if (this.state === 'closed') return;
    this.letGo();
    this.state = 'closed';
    this.context.onClosed(this, this.sentClose ?? code);
    this.onGone?.(this.sentClose === undefined);
  }

  /** For messages: one of them has its reply. */
  settled(): void {
    this.inbox.settled();
    if (this.state === 'leaving') process.nextTick(closeWhenSettled, this);
  }

  report(what: string, error: unknown): void {
    this.context.report(what, error);
  }

  /** Takes over new credentials; rooms that they do not cover are left, and say so. */
  renew(caller: Caller): void {
    this.caller = caller;
    for (const subscription of this.subscriptions.values()) {
      if (holds(caller, subscription.role, subscription.project)) continue;
      const farewell = TextFrame.ofJson({ type: 'reset', room: subscription.room, reason: 'access withdrawn' });
      this.leaveRoom(subscription.room, farewell);
    }
  }

  leaveRoom(room: string, farewell?: TextFrame): void {
    const subscription = this.subscriptions.get(room);
    if (subscription === undefined) return;
    this.subscriptions.delete(room);
    subscription.stop(farewell);
  }

  /** Where another server can take up its rooms. */
  movedRooms(): MovedRoom[] {
    return [...this.subscriptions.values()].flatMap((subscription) => subscription.moved() ?? []);
  }

  /** It was chosen to move and is about to be asked, or is not asked after all: two moves at once must not choose the same. */
  chooseToMove(chosen: boolean): void {
    this.movingUntil = chosen ? Infinity : undefined;
  }

  /** Asks the client to move, and serves it on until it has: it leaves by itself. @param until monotonic clock */
  migrate(push: TextFrame, until: number, onGone?: OnGone): void {
    if (this.state !== 'open') {
      onGone?.(false);
      return;
    }
    this.movingUntil = until;
    this.onGone = onGone;
    this.send(push);
  }

  /** Closes once the replies that are out are written; messages that still come are refused as temporary. */
  leave(closing: Closing): void {
    if (this.state !== 'open') return;
    this.state = 'leaving';
    this.leavingAs = closing;
    this.leavingUntil = performance.now() + this.context.tuning.drainGraceMs;
    this.closeWhenSettled();
  }

  /** Closes without the replies that it has waited for: their senders ask again, elsewhere. */
  closeUnsettled(): void {
    if (this.state === 'leaving') this.close(this.leavingAs!);
  }

  closeWhenSettled(): void {
    if (this.state === 'leaving' && this.inbox.idle) this.close(this.leavingAs!);
  }

  /** Says why, and closes. What waited to be sent is not: the client recovers it by offset. */
  close({ code, reason, reconnectInMs }: Closing): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.letGo();
    this.state = 'closing';
    this.sentClose = code;
    this.socket.send(TextFrame.ofJson({ type: 'closing', code, reason, reconnectInMs }));
    this.socket.close(code, reason);
  }

  /** Ends the socket without a word, for a peer that does not answer. */
  terminate(): void {
    this.socket.terminate();
  }

  /** @param now milliseconds of the monotonic clock @param wallNow epoch milliseconds */
  tick(now: number, wallNow: number): void {
    const { idleTimeoutMs, pingAfterMs, expiryGraceMs } = this.context.tuning;
    if (now - this.lastSeen > idleTimeoutMs) {
      this.terminate();
      return;
    }
    if (this.state === 'closing' || this.state === 'closed') return;
    if (now >= this.leavingUntil) {
      this.closeUnsettled();
    } else if (this.movingUntil !== undefined && now >= this.movingUntil) {
      this.close({ code: closeCodes.migrated, reason: 'migrated', reconnectInMs: 0 });
    } else if (this.outbox.overdue(now)) {
      this.closeAsTooSlow();
    } else if (this.caller.expiresAt !== undefined && wallNow >= this.caller.expiresAt + expiryGraceMs) {
      this.close({ code: closeCodes.tokenExpired, reason: 'token expired', reconnectInMs: 0 });
    } else if (now - Math.max(this.lastSeen, this.lastPing) >= pingAfterMs + this.pingSpreadMs) {
      this.lastPing = now;
      this.pingedAt ??= now;
      this.socket.ping();
    }
  }

  private refuseFrame(): void {
    this.badFrames += 1;
    if (this.badFrames >= this.context.tuning.maxBadFrames) {
      this.close({ code: closeCodes.protocolAbuse, reason: 'too many bad frames', reconnectInMs: 0 });
    } else {
      this.send(badFrame);
    }
  }

  private closeAsTooSlow(): void {
    // Spread, so that clients that a hiccup of their network made slow together do not come back together.
    const reconnectInMs = Math.round(Math.random() * 1000);
    this.close({ code: closeCodes.tooSlow, reason: 'too slow', reconnectInMs });
  }

  private letGo(): void {
    for (const subscription of this.subscriptions.values()) subscription.stop();
    this.subscriptions.clear();
    this.outbox.clear();
    this.inbox.close();
  }
}

const badFrame = TextFrame.ofJson({ type: 'error', error: new DomainError('protocol.bad-frame').toBody() });

function closeWhenSettled(connection: Connection): void {
  connection.closeWhenSettled();
}

function refuseLeaving(): never {
  throw leaving();
}

function refuseUnknown({ type }: Message): never {
  throw new DomainError('protocol.unknown-type', `No handler takes messages of type ${JSON.stringify(type)}.`);
}
