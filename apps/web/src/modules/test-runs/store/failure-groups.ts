import type { TestRow } from '@testcast/contracts';

export interface FailureGroup {
  /** What failures of one cause have in common: the first line with its numbers, ids and addresses taken out. */
  readonly signature: string;
  /** First line of the message of the group's first test. */
  readonly title: string;
  readonly keys: readonly string[];
}

interface MutableGroup {
  signature: string;
  title: string;
  keys: string[];
}

/** Failed tests grouped by message; the groups stand in the order in which they appeared, so that nothing jumps. */
export class FailureGroups {
  private readonly groups = new Map<string, MutableGroup>();
  private readonly groupOf = new Map<string, string>();

  /** Moves a test to where its row says. Returns whether anything changed. */
  update(row: TestRow): boolean {
    const signature = row.outcome === 'failed' ? signatureOf(row.error?.message ?? '') : undefined;
    const before = this.groupOf.get(row.testKey);
    if (signature === before) return false;
    if (before !== undefined) this.leave(row.testKey, before);
    if (signature !== undefined) this.join(row, signature);
    return true;
  }

  list(): readonly FailureGroup[] {
    return [...this.groups.values()];
  }

  clear(): void {
    this.groups.clear();
    this.groupOf.clear();
  }

  private join(row: TestRow, signature: string): void {
    const group = this.groups.get(signature) ?? { signature, title: firstLine(row.error?.message ?? ''), keys: [] };
    group.keys.push(row.testKey);
    this.groups.set(signature, group);
    this.groupOf.set(row.testKey, signature);
  }

  private leave(testKey: string, signature: string): void {
    const group = this.groups.get(signature)!;
    group.keys = group.keys.filter((key) => key !== testKey);
    if (group.keys.length === 0) this.groups.delete(signature);
    this.groupOf.delete(testKey);
  }
}

// oxlint-disable-next-line no-control-regex -- ANSI colours are what tools write into messages
const ansi = /\u001b\[[0-9;]*m/g;

function firstLine(message: string): string {
  const line = message.replace(ansi, '').trim().split('\n', 1)[0]!.trim();
  return line === '' ? 'Failed without a message' : line;
}

/** Two failures that differ only in numbers, ids, addresses or quoted values are one cause. */
export function signatureOf(message: string): string {
  return firstLine(message)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '#')
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"')
    .replace(/\d+(\.\d+)?/g, '#')
    .slice(0, 300);
}
