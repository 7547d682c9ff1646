import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type Trends, type TrendsQuery, type TrendStep, trendLimits, trendSteps } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { RequireProject } from '#modules/access';
import { Clock, DomainError } from '#platform/kernel';
import { type TrendRow, trendAnswer } from '../read-models/trend-answer.ts';
import { pointsOf, since, wholeBuckets } from '../read-models/trend-window.ts';
import { selectKept, selectTrend } from './select-trend.sql.ts';

/** Milliseconds from which on buckets of a step are kept. */
type Kept = Partial<Record<TrendStep, number>>;

/** Roll-ups of a project over time. Throws `project.unknown`, `request.invalid` for a window that is none or too long. */
export class ReadTrends extends Query<Trends> {
  constructor(
    readonly projectId: string,
    readonly query: TrendsQuery,
  ) {
    super();
  }
}

@QueryHandler(ReadTrends)
export class ReadTrendsHandler implements IQueryHandler<ReadTrends> {
  constructor(
    private readonly database: DataSource,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async execute({ projectId, query }: ReadTrends): Promise<Trends> {
    const now = this.clock.now();
    const asked = windowOf(query, now);
    await this.queries.execute(new RequireProject(projectId));
    const kept = await this.kept();
    const step = query.step ?? stepFor(asked, kept);
    const window = since(kept[step] ?? 0, wholeBuckets(asked.from, asked.to, step));
    const rows = await this.database.query<TrendRow[]>(selectTrend(step), [projectId, window.from, window.to]);
    return trendAnswer(window, rows, now);
  }

  private async kept(): Promise<Kept> {
    const rows = await this.database.query<{ step: TrendStep; since: number }[]>(selectKept);
    return Object.fromEntries(rows.map(({ step, since }) => [step, since]));
  }
}

function windowOf({ from, to, step }: TrendsQuery, now: number): { from: number; to: number } {
  const end = to ?? now;
  const start = from ?? Math.max(0, end - trendLimits.defaultSpanMs);
  if (start >= end) throw invalid('from', 'from must be before to');
  if (end - start > trendLimits.spanMs) throw invalid('from', 'from must be at most 400 days before to');
  if (step !== undefined && pointsOf(wholeBuckets(start, end, step)) > trendLimits.points)
    throw invalid('step', `these would be more than ${trendLimits.points} points: take a larger step`);
  return { from: start, to: end };
}

/** The finest step that gives few points and is kept for as far back as is asked. */
function stepFor({ from, to }: { from: number; to: number }, kept: Kept): TrendStep {
  const fits = (step: TrendStep): boolean =>
    pointsOf(wholeBuckets(from, to, step)) <= trendLimits.defaultPoints && (kept[step] ?? 0) <= from;
  return trendSteps.find(fits) ?? 'day';
}

function invalid(path: string, message: string): DomainError {
  return new DomainError('request.invalid', `The request is not valid: ${path}: ${message}.`, {
    details: { issues: [{ path, message }] },
  });
}
