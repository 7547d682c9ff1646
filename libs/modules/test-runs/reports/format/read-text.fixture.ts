import { type ResultItemInput, type TestRow, foldTest } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { parseItem } from '../../domain/parse-item.ts';
import { type ReportSummary, readReport } from './read-report.ts';
import type { ReportItemsContext } from './report-items.ts';

export interface ReadText extends ReportSummary {
  list: ResultItemInput[];
  /** The tests as watchers would see them. */
  rows: TestRow[];
  /** `<testId>: <outcome>`, in the order of the file. */
  outcomes: string[];
}

export const receivedAt = 1_800_000_000_000;

/** Reads a whole report from memory in pieces of `chunk` bytes, checks each item against its schema, and folds the tests. */
export async function readText(
  report: string | Uint8Array,
  { chunk = 1 << 16, ...context }: Partial<ReportItemsContext> & { chunk?: number } = {},
): Promise<ReadText> {
  const bytes = Buffer.from(report as Uint8Array);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const reading = readReport(chunks(), { digest: 'digest', receivedAt, ...context });
  const list: ResultItemInput[] = [];
  for (;;) {
    const { value, done } = await reading.next();
    if (done === true) return { ...value, list, ...fold(list) };
    list.push(...value);
  }
}

function fold(list: readonly ResultItemInput[]): Pick<ReadText, 'rows' | 'outcomes'> {
  const rows = new Map<string, TestRow>();
  for (const [index, raw] of list.entries()) {
    const item = parseItem(raw);
    if (item.kind !== 'test.finished') continue;
    const { kind: type, at, error, steps: _, ...said } = item;
    const variant = item.variant ?? '';
    const testKey = testKeyOf(item.testId, variant);
    const data = {
      ...said,
      variant,
      testKey,
      shardId: '',
      rerun: 1,
      ...(error && { error: { message: error.message } }),
    };
    rows.set(testKey, foldTest(rows.get(testKey), { type, at, offset: index + 1, data }));
  }
  const found = [...rows.values()];
  return { rows: found, outcomes: found.map(({ testId, outcome }) => `${testId}: ${outcome}`) };
}

/** Outcomes by how many tests have them; those that none has are left out. */
export function counted(rows: readonly TestRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of rows) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
