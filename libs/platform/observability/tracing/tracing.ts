import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { AppendTracing } from './append-tracing.ts';
import { Receipt } from './receipt.ts';
import { type CallerSpan, isTraced, spanIdOf, thresholdOf, traceIdOf } from './result-trace.ts';
import type { AttributeValue, Span, SpanKind } from './span.ts';
import type { SpanRecorder } from './span-recorder.ts';
import { WallClock } from './wall-clock.ts';

/** What of an event a span says. */
export interface EventOnItsWay {
  readonly eventId: string;
  readonly stream: string;
  readonly type: string;
  readonly version: number;
  /** The server's clock at the append, epoch milliseconds. */
  readonly recordedAt: number;
}

/** A message of a socket. `arrivedAt` is on the monotonic clock. */
export interface ReceivedMessage {
  readonly type: string;
  readonly arrivedAt: number;
  readonly errorCode: string | undefined;
}

/**
 * Traces results over their whole way, one trace a result. Spans are made once a part of the way is over, from what is
 * known then: whatever is not traced costs a look at its id, and processes pass each other nothing.
 */
export class Tracing {
  readonly appends: AppendTracing;
  private readonly threshold: number;
  private readonly clock = new WallClock();
  private readonly receipts = new AsyncLocalStorage<Receipt>();

  constructor(
    private readonly recorder: Pick<SpanRecorder, 'record' | 'callerOf' | 'close'>,
    ratio: number,
  ) {
    this.threshold = thresholdOf(ratio);
    this.appends = new AppendTracing({
      receipt: () => this.receipts.getStore(),
      traces: (eventId) => isTraced(eventId, this.threshold),
      emit: (span, began, ended) => this.emit(span, began, ended),
    });
  }

  /** Where a request comes from, by its `traceparent` header. */
  callerOf(traceparent: string | undefined): CallerSpan | undefined {
    return this.recorder.callerOf(traceparent);
  }

  /** Handles a message, whose receipt collects what is appended meanwhile. It knows its error itself, once it is handled. */
  async receive(message: ReceivedMessage, handle: () => unknown): Promise<unknown> {
    const receipt = new Receipt(message.type, message.arrivedAt);
    try {
      return await this.receipts.run(receipt, handle);
    } finally {
      this.settle(receipt, message.errorCode);
    }
  }

  /** The same for what does not end with a function: the receipt is to be settled. */
  begin(name: string, caller: CallerSpan | undefined, handle: () => void): Receipt {
    const receipt = new Receipt(name, performance.now(), caller);
    this.receipts.run(receipt, handle);
    return receipt;
  }

  /** A command; of nested ones the outermost. */
  async command<T>(name: string, execute: () => Promise<T>): Promise<T> {
    const receipt = this.receipts.getStore();
    if (receipt === undefined || receipt.command !== undefined) return execute();
    const command = (receipt.command = { name, began: performance.now(), ended: 0 });
    try {
      return await execute();
    } finally {
      command.ended = performance.now();
    }
  }

  /** The request has its answer. */
  settle(receipt: Receipt, error?: string): void {
    const ended = performance.now();
    const { caller, command, traced } = receipt;
    for (const { eventId, ...event } of traced) {
      const traceId = traceIdOf(eventId);
      const spanId = spanIdOf(eventId, 'receive');
      const attributes = attributesOf(event);
      const links = caller === undefined ? undefined : [caller];
      this.emit(
        { traceId, spanId, name: receipt.name, kind: 'server', attributes, links, error },
        receipt.began,
        ended,
      );
      if (command !== undefined) this.emitCommand(traceId, spanId, spanIdOf(eventId, 'command'), command, ended);
    }
    if (caller?.sampled === true) this.settleForCaller(receipt, caller, ended, error);
  }

  published(events: readonly EventOnItsWay[], began: number): void {
    for (const event of events) {
      if (!isTraced(event.eventId, this.threshold)) continue;
      const spanId = spanIdOf(event.eventId, 'publish');
      this.emitPart(event, { spanId, name: 'publish', kind: 'producer' }, began, { 'testcast.batch': events.length });
    }
  }

  projected(projection: string, events: readonly EventOnItsWay[], began: number): void {
    for (const event of events) {
      if (!isTraced(event.eventId, this.threshold)) continue;
      const attributes = { 'testcast.projection': projection, 'testcast.batch': events.length };
      this.emitPart(event, { name: `project ${projection}`, kind: 'consumer' }, began, attributes);
    }
  }

  /** From the commit, whose time the event carries, to the write to the sockets of its room. */
  delivered(events: readonly EventOnItsWay[], subscribers: number): void {
    const now = Date.now();
    for (const event of events) {
      if (!isTraced(event.eventId, this.threshold)) continue;
      // Clocks of two machines may differ by more than a delivery takes.
      const began = performance.now() - Math.max(0, now - event.recordedAt);
      this.emitPart(event, { name: 'deliver', kind: 'producer' }, began, { 'testcast.subscribers': subscribers });
    }
  }

  /** Sends what waits. */
  close(): Promise<void> {
    return this.recorder.close(2_000);
  }

  /** The whole request in the trace of whoever sent it, which knows of the results' traces by links. */
  private settleForCaller(receipt: Receipt, caller: CallerSpan, ended: number, error: string | undefined): void {
    const { traceId } = caller;
    const { name, command, appended, traced } = receipt;
    const spanId = newSpanId();
    const links = traced.map(({ eventId }) => ({ traceId: traceIdOf(eventId), spanId: spanIdOf(eventId, 'receive') }));
    const attributes = { 'testcast.events': appended?.events ?? 0 };
    const request = { traceId, spanId, parentSpanId: caller.spanId, name, kind: 'server', attributes, links } as const;
    this.emit({ ...request, error }, receipt.began, ended);
    const commandId = newSpanId();
    if (command !== undefined) this.emitCommand(traceId, spanId, commandId, command, ended);
    if (appended === undefined) return;
    const parentSpanId = command === undefined ? spanId : commandId;
    const append = {
      traceId,
      spanId: newSpanId(),
      parentSpanId,
      name: 'append',
      kind: 'internal',
      attributes,
    } as const;
    this.emit(append, appended.began, appended.ended);
  }

  private emitCommand(
    traceId: string,
    parentSpanId: string,
    spanId: string,
    { name, began, ended }: NonNullable<Receipt['command']>,
    now: number,
  ): void {
    const span = { traceId, spanId, parentSpanId, name: `command ${name}`, kind: 'internal', attributes: {} } as const;
    // It still runs where its request was cut off.
    this.emit(span, began, ended === 0 ? now : ended);
  }

  /** A part that follows the append. */
  private emitPart(
    { eventId, ...event }: EventOnItsWay,
    { spanId = newSpanId(), name, kind }: { spanId?: string; name: string; kind: SpanKind },
    began: number,
    more: Readonly<Record<string, AttributeValue>>,
  ): void {
    const parentSpanId = spanIdOf(eventId, 'append');
    const attributes = { ...attributesOf(event), ...more };
    this.emit({ traceId: traceIdOf(eventId), spanId, parentSpanId, name, kind, attributes }, began, performance.now());
  }

  /** @param began @param ended on the monotonic clock, which only this process knows */
  private emit(span: Omit<Span, 'began' | 'ended'>, began: number, ended: number): void {
    this.recorder.record({ ...span, began: this.clock.at(began), ended: this.clock.at(ended) });
  }
}

export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}

function attributesOf({ stream, type, version }: Omit<EventOnItsWay, 'eventId' | 'recordedAt'>) {
  return { 'testcast.stream': stream, 'testcast.offset': version, 'testcast.type': type };
}
