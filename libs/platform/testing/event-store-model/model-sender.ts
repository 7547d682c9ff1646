import { randomUUID } from 'node:crypto';
import type { Append, EventOutcome, EventStore, NewEvent } from '#platform/event-store';
import {
  guardOf,
  type ModelAnswer,
  type ModelAppend,
  type ModelEvent,
  type ModelOutcome,
  type ModelStream,
} from './model-log.ts';
import type { Send } from './script.ts';

export type StoreAnswer = readonly EventOutcome[] | 'refused';

export interface Sent {
  readonly node: number;
  readonly append: ModelAppend;
  readonly answer: Promise<StoreAnswer>;
}

/** Makes a script's sends real: knows which ids have been sent, and what each stream was sent last. */
export class ModelSender {
  private readonly ids: string[] = [];
  private readonly lastAppends = new Map<string, ModelAppend>();

  /** @param to the stream, with its events before the round */
  send(
    { resend, ...send }: Send,
    { stream, node, events }: { readonly stream: string; readonly node: number; readonly events: ModelStream },
    store: EventStore,
  ): Sent {
    const again = resend ? this.lastAppends.get(stream) : undefined;
    const append = again ?? { stream, expected: expectation(events, send), events: this.eventsFor(send.events) };
    this.lastAppends.set(stream, append);
    const answer = store.append(appendOf(append)).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'internal') return 'refused' as const;
      throw error;
    });
    return { node, append, answer };
  }

  private eventsFor(events: Send['events']): ModelEvent[] {
    return events.map(({ again, content, lifecycle }) => {
      const known = again === 0 ? undefined : this.ids.at(-again);
      const id = known ?? randomUUID();
      if (known === undefined) this.ids.push(id);
      return { id, content, lifecycle };
    });
  }
}

function expectation(events: ModelStream, { check, off }: Pick<Send, 'check' | 'off'>): ModelAppend['expected'] {
  if (check === 'none') return undefined;
  const now = check === 'version' ? events.length : guardOf(events);
  return check === 'version' ? { version: Math.max(0, now + off) } : { guard: Math.max(0, now + off) };
}

function appendOf({ stream, expected, events }: ModelAppend): Append {
  return { stream, expected, events: events.map(eventOf) };
}

function eventOf({ id, content, lifecycle }: ModelEvent): NewEvent {
  const detail = content === 0 ? undefined : { content };
  return { eventId: id, type: 'test.finished', at: 1, data: { content }, detail, lifecycle };
}

/** The model does not say which of two streams in a slot goes first. */
export function withoutPositions(answer: StoreAnswer): ModelAnswer {
  if (answer === 'refused') return answer;
  return answer.map((outcome): ModelOutcome => {
    if (outcome.status === 'gone') throw new Error('A stream is gone that nobody has closed.');
    const { status, version } = outcome;
    return 'guard' in outcome ? { status: 'conflict', version, guard: outcome.guard } : { status, version };
  });
}
