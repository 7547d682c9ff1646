/** An event as the model has it: all of what it says is its id, its content and whether it is a lifecycle event. */
export interface ModelEvent {
  readonly id: string;
  readonly content: number;
  readonly lifecycle: boolean;
}

export interface ModelAppend {
  readonly stream: string;
  readonly expected: { readonly version: number } | { readonly guard: number } | undefined;
  readonly events: readonly ModelEvent[];
}

/** What an append is answered: an outcome an event, or the refusal of a checked one of which some ids are known. */
export type ModelAnswer = 'refused' | readonly ModelOutcome[];

/** Without positions: where two streams share a slot, the model does not say which of them goes first. */
export interface ModelOutcome {
  readonly status: 'appended' | 'duplicate' | 'clash' | 'conflict';
  readonly version: number;
  readonly guard?: number;
}

export type ModelStream = readonly ModelEvent[];

export const guardOf = (stream: ModelStream, version = stream.length): number =>
  stream.findLastIndex(({ lifecycle }, index) => lifecycle && index < version) + 1;

/**
 * The event store in a page: what one append does to a stream when nothing else happens, as event-store.ts says it.
 * There is no memory of batches, slots, partitions or attempts in it.
 */
export function appendTo(
  stream: ModelStream,
  { expected, events }: ModelAppend,
): { readonly stream: ModelStream; readonly answer: ModelAnswer } {
  const known = events.filter(({ id }) => stream.some((event) => event.id === id)).length;
  if (expected !== undefined && known < events.length) {
    const [version, guard] = [stream.length, guardOf(stream)];
    const holds = 'version' in expected ? expected.version === version : expected.guard === guard;
    if (!holds) return { stream, answer: events.map(() => ({ status: 'conflict', version, guard })) };
    if (known > 0) return { stream, answer: 'refused' };
  }
  const grown = [...stream];
  const answer = events.map((event): ModelOutcome => {
    const first = grown.findIndex(({ id }) => id === event.id);
    if (first === -1) return { status: 'appended', version: grown.push(event) };
    return { status: isRepeat(grown[first]!, event) ? 'duplicate' : 'clash', version: first + 1 };
  });
  return { stream: grown, answer };
}

function isRepeat(first: ModelEvent, event: ModelEvent): boolean {
  if (first.lifecycle && event.lifecycle) return true;
  return first.content === event.content;
}
