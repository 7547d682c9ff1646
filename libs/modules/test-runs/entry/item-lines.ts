import { limits } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { UnreadableItem } from '../domain/unreadable-item.ts';

/**
 * The items of a body: an array as it is, NDJSON line by line without the blank ones. A line that is not JSON is an item
 * that will be rejected at its index, and the others are kept. Throws `request.too-large` before it parses too many.
 */
export function itemsOf(body: readonly unknown[] | string): readonly unknown[] {
  if (typeof body !== 'string') return body;
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > limits.batchItems) {
    throw new DomainError('request.too-large', `The request is over ${limits.batchItems} items: send it in parts.`, {
      details: { limit: limits.batchItems },
    });
  }
  return lines.map(itemOf);
}

function itemOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    return new UnreadableItem(`The line is not JSON: ${(error as Error).message.slice(0, 200)}.`);
  }
}
