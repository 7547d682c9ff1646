import type { TrendStep } from '@testcast/contracts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const stepMs: Readonly<Record<TrendStep, number>> = { minute: 60_000, hour: hourMs, day: dayMs };

interface Span {
  readonly name: string;
  readonly ms: number;
  /** Steps that give neither two bars nor hundreds, the usual one first. */
  readonly steps: readonly TrendStep[];
}

/** By the word in the address. */
export const spans = {
  '24h': { name: 'last 24 hours', ms: dayMs, steps: ['hour'] },
  '7d': { name: 'last 7 days', ms: 7 * dayMs, steps: ['day', 'hour'] },
  '30d': { name: 'last 30 days', ms: 30 * dayMs, steps: ['day'] },
  '90d': { name: 'last 90 days', ms: 90 * dayMs, steps: ['day'] },
  '1y': { name: 'last year', ms: 365 * dayMs, steps: ['day'] },
} as const satisfies Record<string, Span>;

export type SpanWord = keyof typeof spans;

/** What the address of the trends says; left out where it is what is shown anyway. */
export interface TrendsSearch {
  readonly span?: SpanWord | undefined;
  readonly by?: TrendStep | undefined;
}

/** Addresses are typed and cut by people: what is not known is passed over. */
export function trendsSearch(search: Record<string, unknown>): TrendsSearch {
  const span = spanWords.find((word) => word === search['span']);
  return { span, by: spanOf(span).steps.find((step) => step === search['by']) };
}

export const spanWords = Object.keys(spans) as SpanWord[];

export function spanOf(word: SpanWord = '30d'): Span {
  return spans[word];
}

export function stepOf({ span, by }: TrendsSearch): TrendStep {
  return by ?? spanOf(span).steps[0]!;
}

/** What to ask for: whole buckets, of which the last is the one that is filled now. @param now epoch milliseconds */
export function windowOf(search: TrendsSearch, now: number): { from: number; step: TrendStep } {
  const step = stepOf(search);
  const last = now - (now % stepMs[step]);
  return { from: last + stepMs[step] - spanOf(search.span).ms, step };
}
