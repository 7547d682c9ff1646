import { afterClose, type ServerFrame, type ServerPush } from '@testcast/contracts';
import { TestcastError } from '../testcast-error.ts';
import { PendingReplies } from './pending-replies.ts';
import type { OpenSocket, Socket, SocketClose, SocketTarget } from './socket.ts';

export interface LinkTimings {
  /** How long to wait for the server's first message; default 15 s. */
  openMs: number;
  /** After so long without a sign of life the server is asked for one; default 25 s. */
  quietMs: number;
  /** After so much longer the connection counts as dead; default 10 s. */
  deadMs: number;
}

export interface LinkClose extends SocketClose {
  /** How long the server asked to stay away. */
  reconnectInMs?: number | undefined;
}

export interface LinkEvents {
  ready(link: Link): void;
  push(link: Link, frame: ServerPush): void;
  closed(link: Link, close: LinkClose): void;
}

/** One socket from its opening to its close: frames in, requests out, and a watch on whether the other end is alive. */
export class Link {
  private readonly socket: Socket;
  private readonly replies: PendingReplies;
  private readonly timings: LinkTimings;
  private readonly events: LinkEvents;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closing: { code: number; reason: string; reconnectInMs: number } | undefined;
  private lastAlive = Date.now();
  private pinged = false;
  private over = false;
  private server: string | undefined;

  constructor(open: OpenSocket, target: SocketTarget, timings: LinkTimings, events: LinkEvents) {
    this.timings = timings;
    this.events = events;
    this.server = target.serverId;
    this.replies = new PendingReplies((text) => this.socket.send(text));
    this.socket = open(target, {
      message: (text) => this.onMessage(text),
      alive: () => this.onAlive(),
      closed: (close) => this.end(close),
    });
    this.timer = setTimeout(() => this.drop('the server did not greet in time'), timings.openMs);
  }

  get alive(): boolean {
    return !this.over;
  }

  /** Whom it leads to: as was said before it opened, then as the server says itself. */
  get serverId(): string | undefined {
    return this.server;
  }

  /** See `PendingReplies.request`. */
  request(type: string, data: unknown, onReply?: (data: unknown) => void): Promise<unknown> {
    return this.replies.request(type, data, onReply);
  }

  /** Closes for good; `closed` is not told. */
  close(reason: string): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.replies.fail(new TestcastError('connection.closed', reason, { temporary: true }));
    this.socket.close(1000, reason);
  }

  /** Closes once every request has its reply, or `deadlineMs` has passed; delivers until then. */
  closeWhenIdle(reason: string, deadlineMs: number, closed: () => void): void {
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      this.close(reason);
      closed();
    };
    const timer = setTimeout(finish, deadlineMs);
    this.replies.whenIdle(finish);
  }

  private onMessage(text: string): void {
    if (this.over) return;
    this.onAlive();
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      return this.drop('the server sent a frame that is not JSON');
    }
    if (frame.type === 'ok') return void this.replies.settle(frame.id, { data: frame.data });
    if (frame.type === 'error')
      return void this.replies.settle(frame.id, { error: TestcastError.fromWire(frame.error) });
    if (frame.type === 'closing') {
      this.closing = frame;
      return;
    }
    if (frame.type === 'connected') {
      this.server = frame.serverId;
      this.watchHeartbeat(this.timings.quietMs);
      this.replies.start();
      return this.events.ready(this);
    }
    this.events.push(this, frame);
  }

  private onAlive(): void {
    this.lastAlive = Date.now();
    this.pinged = false;
  }

  private watchHeartbeat(inMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onQuietTimer(), inMs);
  }

  // One timer a connection that looks back, instead of one that is set again by every frame.
  private onQuietTimer(): void {
    const quietFor = Date.now() - this.lastAlive;
    if (this.pinged) return this.drop('no sign of life from the server');
    if (quietFor < this.timings.quietMs) return this.watchHeartbeat(this.timings.quietMs - quietFor);
    this.pinged = true;
    // Its reply is a sign of life like any other frame; that it fails is seen by the close.
    this.request('ping', {}).catch(() => undefined);
    this.watchHeartbeat(this.timings.deadMs);
  }

  // The end is told at once: on a dead network the closing handshake of the platform takes a minute or more.
  private drop(reason: string): void {
    if (this.over) return;
    this.socket.close(4000, reason);
    this.end({ code: 1006, reason });
  }

  private end(close: SocketClose): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    const code = this.closing?.code ?? close.code;
    const reason = this.closing?.reason ?? (close.reason === '' ? `closed with ${code}` : close.reason);
    this.replies.fail(
      new TestcastError('connection.closed', `The connection was lost: ${reason}.`, {
        temporary: afterClose(code).resend,
        details: { code },
      }),
    );
    this.events.closed(this, { ...close, code, reason, reconnectInMs: this.closing?.reconnectInMs });
  }
}
