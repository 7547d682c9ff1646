import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#platform/event-store';

/** A stream's name that no other test uses. */
export const anyStream = (): string => `run:shop/${randomUUID()}`;

export function anyEvent(content: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId: randomUUID(),
    type: 'test.finished',
    at: 1_700_000_000_000,
    data: { status: 'passed' },
    ...content,
  };
}

export const lifecycle = (content: Partial<NewEvent> = {}): NewEvent =>
  anyEvent({ type: 'run.started', lifecycle: true, ...content });

export const statuses = (outcomes: readonly { status: string }[]): string[] => outcomes.map(({ status }) => status);
