import { type TrendStep, trendSteps } from '@testcast/contracts';
import { type Finding, isErased, ReadModelCheck, type ReadModelReader } from '#platform/event-store';
import { stepMs } from '../domain/buckets.ts';
import { settledSince } from '../domain/event-time.ts';
import { counters } from '../domain/trend-deltas.ts';
import { attemptOf } from '../read-models/attempts-of-batch.ts';
import { trendsProjection } from '../read-models/trends-projection.options.ts';
import { type Bucket, type KeptSince, MadeBuckets, nothing } from './made-buckets.ts';
import { RunTrends } from './run-trends.ts';
import {
  countProjects,
  listProjects,
  listRunsOfProject,
  readBuckets,
  readTrendsState,
  sampleProjects,
  streamsOf,
  type TrendsReadRow,
} from './trends.sql.ts';

const aPage = 500;
/** Buckets that are named for each project: one that is wrong may be wrong everywhere. */
const mostBuckets = 10;

type Kept = Readonly<Record<TrendStep, ReadonlyMap<number, Bucket>>>;

/** What was read of a project at one moment. */
interface ProjectTrends {
  readonly state: TrendsReadRow;
  readonly since: KeptSince;
  readonly kept: Kept;
}

/**
 * Counts projects from the first events of their runs again and compares every bucket that is kept. Buckets and checkpoints
 * are of one moment; events, which do not change, are read after it, so that a large project holds no snapshot for long.
 * Memory is that of a project's buckets and of one run's tests.
 *
 * As for a rebuild, what was counted of erased runs cannot be counted again: of their project buckets are compared from the
 * first midnight on after all that is gone.
 */
export class TrendsCheck extends ReadModelCheck {
  readonly name = 'trends';
  private folded = 0;
  private total = 0;
  private settled = 0;

  /** @param projects how many, taken by chance; all of them take as long as a rebuild */
  constructor(private readonly projects: number | 'all') {
    super();
  }

  async *findings(reader: ReadModelReader): AsyncIterable<Finding> {
    const [count] = await reader.query<{ projects: number }>(countProjects);
    this.total = count!.projects;
    const wanted = this.projects === 'all' ? this.total : Math.min(this.projects, this.total);
    for await (const project of this.sample(reader)) {
      reader.tell(Math.min(1, this.folded / wanted));
      const problems = await this.problemsOf(reader, project);
      for (const problem of problems.slice(0, mostBuckets)) yield { check: this.name, where: project, problem };
      const more = problems.length - mostBuckets;
      if (more > 0) yield { check: this.name, where: project, problem: `${more} more of its buckets are wrong` };
      this.folded += 1;
    }
  }

  summary(): string {
    const [folded, total, settled] = [this.folded, this.total, this.settled].map((n) => n.toLocaleString('en'));
    const erased = this.settled === 0 ? '' : `, of ${settled} since the day after their last erased run`;
    return `The trends of ${folded} of ${total} projects were compared with what their events make of them${erased}.`;
  }

  private async *sample(reader: ReadModelReader): AsyncIterable<string> {
    if (this.projects !== 'all') {
      for (const { project } of await reader.query<{ project: string }>(sampleProjects, [this.projects])) yield project;
      return;
    }
    for (let after = ''; ;) {
      const page = await reader.query<{ project: string }>(listProjects, [after, aPage]);
      for (const { project } of page) yield project;
      if (page.length < aPage) return;
      after = page.at(-1)!.project;
    }
  }

  private async problemsOf(reader: ReadModelReader, project: string): Promise<string[]> {
    const { state, since, kept } = await reader.atOneMoment(() => readTrends(reader, project));
    const made = new MadeBuckets(since);
    let from = 0;
    const [first, end] = streamsOf(project);
    for (let after = first; ;) {
      const page = await reader.query<{ stream: string; slot: number }>(listRunsOfProject, [after, end, aPage]);
      for (const { stream, slot } of page) {
        const { trends, erasedUntil } = await foldRun(reader, stream, state, state.read[slot] ?? 0);
        made.add(trends.deltas);
        if (erasedUntil !== undefined) from = Math.max(from, settledSince(erasedUntil));
      }
      if (page.length < aPage) break;
      after = page.at(-1)!.stream;
    }
    if (from > 0) this.settled += 1;
    return trendSteps.flatMap((step) => [...differences(step, kept[step], made.of(step), { from, since })]);
  }
}

async function readTrends(reader: ReadModelReader, project: string): Promise<ProjectTrends> {
  const [state] = await reader.query<TrendsReadRow>(readTrendsState, streamsOf(project));
  const since: KeptSince = { minute: 0, hour: 0, day: 0, ...state!.since };
  const read = async (step: TrendStep): Promise<ReadonlyMap<number, Bucket>> => {
    const rows = await reader.query<Bucket & { at: number }>(readBuckets(step), [project, since[step]]);
    return new Map(rows.map(({ at, ...bucket }) => [at, bucket]));
  };
  return {
    state: state!,
    since,
    kept: { minute: await read('minute'), hour: await read('hour'), day: await read('day') },
  };
}

/** As far as the projection has read, without what it has set aside or left out. */
async function foldRun(
  reader: ReadModelReader,
  stream: string,
  { parked, discarded }: TrendsReadRow,
  position: number,
): Promise<{ trends: RunTrends; erasedUntil: number | undefined }> {
  const trends = new RunTrends();
  const left = new Set(discarded[stream]);
  let erasedUntil: number | undefined;
  for (let after = 0; ;) {
    const page = await reader.eventsAfter(stream, after);
    for (const event of page) {
      if (event.position > position || event.version >= (parked[stream] ?? Infinity)) return { trends, erasedUntil };
      // The word itself came long after all that is gone.
      if (event.type === 'run.erased') continue;
      if (isErased(event)) erasedUntil = Math.max(erasedUntil ?? 0, event.recordedAt);
      else if (trendsProjection.events.includes(event.type) && !left.has(event.version)) trends.add(attemptOf(event));
    }
    if (page.length === 0) return { trends, erasedUntil };
    after = page.at(-1)!.version;
  }
}

/** @param from epoch milliseconds before which nothing is compared */
function* differences(
  step: TrendStep,
  kept: ReadonlyMap<number, Bucket>,
  made: ReadonlyMap<number, Bucket>,
  { from, since }: { readonly from: number; readonly since: KeptSince },
): Iterable<string> {
  const times = [...new Set([...kept.keys(), ...made.keys()])].filter((at) => at >= from).sort((a, b) => a - b);
  for (const at of times) {
    // The most workers of a day's hours: of a day of which hours are not kept it cannot be told again.
    const columns = [...counters, 'durations' as const].filter(
      (column) => step !== 'day' || column !== 'workers' || at >= since.hour,
    );
    const [is, should] = [kept.get(at) ?? nothing, made.get(at) ?? nothing];
    const wrong = columns.filter((column) => is[column] !== should[column]);
    if (wrong.length === 0) continue;
    const said = wrong.map((column) => `${column} is ${shown(is[column])} and should be ${shown(should[column])}`);
    yield `its ${step} ${new Date(at).toISOString().slice(0, stepMs[step] === stepMs.day ? 10 : 16)} differs: ${said.join(', ')}`;
  }
}

const shown = (value: number | string): string =>
  typeof value === 'number' ? String(value) : `{${value.slice(0, 60)}}`;
