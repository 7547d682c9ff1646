import { type Caller, DomainError, toDomainError } from '#platform/kernel';
import type { ConnectedClient } from './connected-client.ts';
import { wireErrorOf } from './wire-error.ts';

/** A client's frame on its way through a handler: what handlers get as their data, and the place of the one reply. */
export class Message<T = unknown> {
  readonly arrivedAt: number;
  /** The reply's text, once settled. */
  reply: string | undefined;
  errorCode: string | undefined;
  private followUp: (() => void) | undefined;

  constructor(
    readonly connection: ConnectedClient,
    readonly id: number | string,
    readonly type: string,
    readonly data: T,
    now: number,
  ) {
    this.arrivedAt = now;
  }

  /** As of now: a message that waited while the caller was renewed has the grants of the new one. */
  get caller(): Caller {
    return this.connection.caller;
  }

  /** Settles with `ok`; nothing becomes `{}`. The first settlement counts. */
  succeed(result: unknown): void {
    if (this.reply !== undefined) return;
    try {
      this.settle(`{"id":${JSON.stringify(this.id)},"type":"ok","data":${JSON.stringify(result ?? {})}}`);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Settles with `error`; what is not of the catalogue becomes `internal` and is logged. */
  fail(thrown: unknown): void {
    if (this.reply !== undefined) return;
    const error = toDomainError(wireErrorOf(thrown));
    if (error.code === 'internal') this.connection.report(this.type, thrown);
    this.errorCode = error.code;
    this.followUp = undefined;
    this.settle(`{"id":${JSON.stringify(this.id)},"type":"error","error":${JSON.stringify(error.toBody())}}`);
  }

  /** Called once the reply has been written, unless it is an error: pushes that the reply announces come after it. */
  afterReply(followUp: () => void): void {
    this.followUp = followUp;
  }

  /** For the inbox: the reply is on its way. */
  written(): void {
    this.followUp?.();
  }

  private settle(reply: string): void {
    this.reply = reply;
    this.connection.settled();
  }
}

/** The error of a message that is refused because its connection is about to be closed. */
export function leaving(): DomainError {
  return new DomainError('connection.draining');
}
