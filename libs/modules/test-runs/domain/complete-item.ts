import {
  type OutputEventData,
  type OutputItem,
  type RunEventData,
  type ShardItem,
  type TestItem,
  limits,
  outputWithoutTest,
  rooms,
} from '@testcast/contracts';
import { DomainError, testKeyOf } from '#platform/kernel';
import { cutMiddle } from './cut-text.ts';
import { cutSteps } from './cut-steps.ts';
import { type ItemIdentity, itemEventId } from './identity.ts';

/** What the request says for all of its items, and what is known of its shard. */
export interface ItemContext {
  readonly projectId: string;
  readonly runId: string;
  readonly shardId?: string | undefined;
  /** What the shard announced; goes before the request's. */
  readonly shardVariant?: string | undefined;
  readonly variant?: string | undefined;
  readonly rerun?: number | undefined;
  /** Of the whole request: of a small one no item can be too large, and none needs to be measured. */
  readonly requestBytes?: number | undefined;
}

/** An item as the event that stores it, but for the stream. */
export interface CompletedItem {
  readonly stream: string;
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
  readonly data: object;
  readonly detail?: object | undefined;
}

/** Long texts are cut to these shares of their limits, one after the other, until the item fits. */
const shares = [1, 1 / 2, 1 / 4, 1 / 8];

/** More than what is filled in can take: two ids and a variant, all of it escaped, and the names of what was cut. */
const filledInBytes = 4096;

/** What is not said again in the data: the event has it beside them, or its texts are cut. */
const apart: ReadonlySet<string> = new Set(['kind', 'at', 'error', 'steps']);

/** Completes a result. Throws `item.too-large` when it is over 64 KiB with its texts cut. */
export function completeTest(item: TestItem, context: ItemContext): CompletedItem {
  const error = 'error' in item ? item.error : undefined;
  const steps = 'steps' in item ? item.steps : undefined;
  const own = ownOf(item, context);
  const testKey = testKeyOf(item.testId, own.variant);
  const build = (share: number): Parts => {
    const cut = new Cuts(share);
    const message = error && { message: cut.text('message', error.message, limits.messageBytes) };
    const detail =
      error === undefined && steps === undefined
        ? undefined
        : defined({
            stack: cut.text('stack', error?.stack, limits.stackBytes),
            snippet: cut.text('snippet', error?.snippet, limits.snippetBytes),
            steps: steps && cut.steps(steps),
          });
    // Filled in by hand: spreading twelve keys into three objects, one after the other, was a third of what an item costs.
    const data: Record<string, unknown> = defined(item, apart);
    Object.assign(data, own);
    data['testKey'] = testKey;
    if (message !== undefined) data['error'] = message;
    if (cut.names !== undefined) data['truncated'] = cut.names;
    return { data, ...(detail === undefined || Object.keys(detail).length === 0 ? {} : { detail }) };
  };
  const run = rooms.run(context.projectId, context.runId);
  const eventId = itemEventId(run, named(item, own));
  const { data, detail } = fitting(build, context);
  return { stream: run, eventId, type: item.kind, at: item.at, data, detail };
}

/** Completes a piece of output, which goes to a stream of its test's own. Throws `item.too-large`. */
export function completeOutput(item: OutputItem, context: ItemContext): CompletedItem {
  const { kind, at, text, ...said } = item;
  const own = ownOf(item, context);
  const build = (share: number): Parts => {
    const cut = new Cuts(share);
    const whole: Omit<OutputEventData['output'], 'truncated'> = {
      ...said,
      ...own,
      text: cut.text('text', text, limits.outputTextBytes)!,
    };
    const data = { ...whole, truncated: cut.names };
    return { data: defined(data) };
  };
  const { projectId, runId } = context;
  const testKey = item.testId === undefined ? outputWithoutTest : testKeyOf(item.testId, own.variant);
  const eventId = itemEventId(rooms.run(projectId, runId), { ...item, ...own });
  return { stream: rooms.output(projectId, runId, testKey), eventId, type: kind, at, ...fitting(build, context) };
}

/** What a shard says, completed: its variant, else the request's, and its rerun. */
export function completeShard<I extends ShardItem>(item: I, context: ItemContext): RunEventData[I['kind']] {
  const { kind, at: _, ...said } = item;
  const rerun = item.rerun ?? context.rerun ?? 1;
  const variant = kind === 'shard.started' ? { variant: item.variant ?? context.variant ?? '' } : {};
  return defined({ ...said, ...variant, rerun }) as RunEventData[I['kind']];
}

/** Beside what an item says of its name what was filled in. */
function named(item: TestItem, { shardId, variant, rerun }: ReturnType<typeof ownOf>): ItemIdentity {
  const { kind, itemId, testId } = item;
  return { kind, itemId, shardId, testId, variant, rerun, attempt: 'attempt' in item ? item.attempt : undefined };
}

interface Parts {
  readonly data: object;
  readonly detail?: object | undefined;
}

function ownOf(item: { variant?: string | undefined }, context: ItemContext) {
  return {
    shardId: context.shardId ?? '',
    variant: item.variant ?? context.shardVariant ?? context.variant ?? '',
    rerun: context.rerun ?? 1,
  };
}

// Each text may be within its limit and the item still over its own: quotes and control characters grow in JSON.
function fitting(build: (share: number) => Parts, { requestBytes = Infinity }: ItemContext): Parts {
  if (requestBytes + filledInBytes <= limits.itemBytes) return build(1);
  for (const share of shares) {
    const parts = build(share);
    if (Buffer.byteLength(JSON.stringify(parts)) <= limits.itemBytes) return parts;
  }
  throw new DomainError('item.too-large', undefined, { details: { limit: limits.itemBytes } });
}

/** Cuts texts and remembers which. */
class Cuts {
  private readonly cut: string[] = [];

  constructor(private readonly share: number) {}

  /** Undefined when nothing was cut, so that whole items do not say anything of it. */
  get names(): string[] | undefined {
    return this.cut.length === 0 ? undefined : this.cut;
  }

  text(name: string, text: string | undefined, maxBytes: number): string | undefined {
    if (text === undefined) return undefined;
    return this.note(name, cutMiddle(text, maxBytes * this.share)) ?? text;
  }

  steps(steps: NonNullable<Extract<TestItem, { kind: 'test.finished' }>['steps']>) {
    return this.note('steps', cutSteps(steps, limits.stepsBytes * this.share)) ?? steps;
  }

  private note<T>(name: string, value: T | undefined): T | undefined {
    if (value !== undefined) this.cut.push(name);
    return value;
  }
}

function defined<T extends object>(value: T, leftOut?: ReadonlySet<string>): T {
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const entry = (value as Record<string, unknown>)[key];
    if (entry !== undefined && leftOut?.has(key) !== true) kept[key] = entry;
  }
  return kept as T;
}
