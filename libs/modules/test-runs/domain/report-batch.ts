import { type ItemResult, type OutputItem, type ResultItem, type TestItem, limits } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { parseItem } from './parse-item.ts';
import { isTooDeep, mayBeUnstorable, storable } from './storable.ts';
import { UnreadableItem } from './unreadable-item.ts';
import { withoutBadLink } from './without-bad-link.ts';

export interface Indexed<I> {
  /** Where the item stands in its request. */
  readonly index: number;
  readonly item: I;
  /** Fields that it was sent with and cannot keep. */
  readonly leftOut?: string[];
}
type ShardStarted = Extract<ResultItem, { kind: 'shard.started' }>;
type ShardFinished = Extract<ResultItem, { kind: 'shard.finished' }>;

/** The items of one request by what is done with them. */
export interface ReportBatch {
  /** Of the whole request as JSON. */
  readonly bytes: number;
  readonly shardStarts: Indexed<ShardStarted>[];
  readonly tests: Indexed<TestItem>[];
  readonly outputs: Indexed<OutputItem>[];
  readonly shardFinishes: Indexed<ShardFinished>[];
  /** Items that cannot be taken, now or ever. */
  readonly rejected: ItemResult[];
}

/** Reads the items of a request, each for itself. Throws `request.too-large` for more than 500 items or 512 KiB. */
export function parseBatch(items: readonly unknown[]): ReportBatch {
  if (items.length > limits.batchItems) throw tooLarge(`over ${limits.batchItems} items`, limits.batchItems);
  const batch: ReportBatch = { bytes: 0, shardStarts: [], tests: [], outputs: [], shardFinishes: [], rejected: [] };
  // What is nested too deep would overflow the stack of whatever walks through it, JSON.stringify included.
  const shallow = items.map((item) => (item instanceof UnreadableItem || isTooDeep(item) ? undefined : item));
  const json = JSON.stringify(shallow);
  const bytes = Buffer.byteLength(json);
  if (bytes > limits.batchBytes) throw tooLarge(`over ${limits.batchBytes} bytes`, limits.batchBytes);
  const isStorable = !mayBeUnstorable(json);
  for (const [index, raw] of items.entries()) {
    try {
      const { raw: kept, leftOut } = withoutBadLink(raw);
      const item = parseItem(isStorable || shallow[index] === undefined ? kept : storable(kept));
      sort(batch, index, item, leftOut);
    } catch (error) {
      batch.rejected.push(rejection(index, error));
    }
  }
  return { ...batch, bytes };
}

/** The answer to an item that is refused for good; rethrows an error that is not about the item. */
export function rejection(index: number, error: unknown): ItemResult {
  if (!(error instanceof DomainError) || error.temporary) throw error;
  const { code, message, details } = error;
  const offset = (details as { offset?: number } | undefined)?.offset;
  return {
    index,
    status: 'rejected',
    ...(offset === undefined ? {} : { offset }),
    error: { code, message, ...(details === undefined ? {} : { details }) },
  };
}

function sort(batch: ReportBatch, index: number, item: ResultItem, leftOut?: string[]): void {
  switch (item.kind) {
    case 'shard.started':
      batch.shardStarts.push({ index, item, ...(leftOut === undefined ? {} : { leftOut }) });
      break;
    case 'shard.finished':
      batch.shardFinishes.push({ index, item });
      break;
    case 'output':
      batch.outputs.push({ index, item });
      break;
    default:
      batch.tests.push({ index, item });
  }
}

function tooLarge(what: string, limit: number): DomainError {
  return new DomainError('request.too-large', `The request is ${what}: send it in parts.`, { details: { limit } });
}
