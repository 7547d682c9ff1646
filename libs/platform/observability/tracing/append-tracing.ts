import { randomBytes } from 'node:crypto';
import type { Receipt } from './receipt.ts';
import { spanIdOf, traceIdOf } from './result-trace.ts';
import type { Span, SpanLink } from './span.ts';

/** What became of one append of a batch that was committed. */
export interface AnsweredAppend {
  readonly stream: string;
  readonly events: readonly { readonly eventId: string; readonly type: string }[];
  /** At the index of their event. */
  readonly outcomes: readonly { readonly status: string; readonly version: number }[];
  /** When it arrived, on the monotonic clock. */
  readonly since: number;
  /** What `origin` gave when it arrived. */
  readonly origin: unknown;
}

interface Ports {
  readonly receipt: () => Receipt | undefined;
  readonly traces: (eventId: string) => boolean;
  /** @param began @param ended on the monotonic clock */
  readonly emit: (span: Omit<Span, 'began' | 'ended'>, began: number, ended: number) => void;
}

/** At most so many links of one span, which is what OpenTelemetry allows by default. */
const mostLinks = 128;

/** The appends of a store: a span for each traced event, and one for the batch, which names those that it had in it. */
export class AppendTracing {
  constructor(private readonly ports: Ports) {}

  /** What the append that now arrives belongs to. */
  origin(): unknown {
    return this.ports.receipt();
  }

  /** A batch was committed. @param began on the monotonic clock */
  committed(answered: readonly AnsweredAppend[], began: number): void {
    const now = performance.now();
    const batch = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
    const links: SpanLink[] = [];
    let events = 0;
    for (const append of answered) {
      events += append.events.length;
      if (append.origin !== undefined) (append.origin as Receipt).noteAppend(append.since, now, append.events.length);
      this.traceMembers(append, batch, links, now);
    }
    if (links.length === 0) return;
    this.ports.emit(
      {
        ...batch,
        name: 'append batch',
        kind: 'internal',
        attributes: { 'testcast.appends': answered.length, 'testcast.events': events },
        links: links.slice(0, mostLinks),
      },
      began,
      now,
    );
  }

  private traceMembers(append: AnsweredAppend, batch: SpanLink, links: SpanLink[], now: number): void {
    const receipt = append.origin as Receipt | undefined;
    for (const [index, { eventId, type }] of append.events.entries()) {
      const { status, version } = append.outcomes[index]!;
      // What was there before has had its trace.
      if (status !== 'appended' || !this.ports.traces(eventId)) continue;
      const [traceId, spanId] = [traceIdOf(eventId), spanIdOf(eventId, 'append')];
      links.push({ traceId, spanId });
      receipt?.noteTraced({ eventId, stream: append.stream, type, version });
      const parent = receipt === undefined ? undefined : receipt.command === undefined ? 'receive' : 'command';
      this.ports.emit(
        {
          traceId,
          spanId,
          parentSpanId: parent === undefined ? undefined : spanIdOf(eventId, parent),
          name: 'append',
          kind: 'internal',
          attributes: { 'testcast.stream': append.stream, 'testcast.offset': version, 'testcast.type': type },
          links: [batch],
        },
        append.since,
        now,
      );
    }
  }
}
