import { type RunRef, type TestRow, isTestEvent } from '@testcast/contracts';
import { type Finding, isErased, ReadModelCheck, type ReadModelReader } from '#platform/event-store';
import { runRefOf } from '../domain/run-stream.ts';
import { emptySummary, type SummaryState } from '../domain/summary-state.ts';
import { foldRun } from '../domain/summary.ts';
import { runRecord, testRecord } from '../read-models/run-records.ts';
import { runsProjection } from '../read-models/runs-projection.options.ts';
import { storedEvent } from '../read-models/stored-event.ts';
import { differences } from './differences.ts';
import {
  countRunStreams,
  listRunStreams,
  listTestsOfRun,
  readRun,
  type RunReadRow,
  type RunStreamRow,
  sampleRunStreams,
  type TestRecordRow,
} from './run-rows.sql.ts';

const runsAPage = 500;
const testsAPage = 1_000;
/** Tests that are named for each run: a run that is wrong may be wrong everywhere. */
const mostTests = 10;

/** A run as the log makes it. */
interface MadeRun {
  /** Undefined when it has no row: it was erased, or nothing of it has been read yet. */
  readonly state: SummaryState | undefined;
  readonly rows: Map<string, TestRow>;
}

/**
 * Folds runs from their first event again, by the functions that the projection folds by, and compares every column. The
 * rows and the checkpoint are of one moment, so the rows must be what the log makes of exactly the events up to it.
 * Memory is that of one run with all of its tests.
 */
export class RunRowsCheck extends ReadModelCheck {
  readonly name = 'run rows';
  private folded = 0;
  private total = 0;

  /** @param runs how many, taken by chance; all of them take as long as a rebuild */
  constructor(private readonly runs: number | 'all') {
    super();
  }

  async *findings(reader: ReadModelReader): AsyncIterable<Finding> {
    const [count] = await reader.query<{ runs: number }>(countRunStreams);
    this.total = count!.runs;
    const wanted = this.runs === 'all' ? this.total : Math.min(this.runs, this.total);
    for await (const { stream, slot } of this.streams(reader)) {
      reader.tell(Math.min(1, this.folded / wanted));
      for (const problem of await reader.atOneMoment(() => this.problemsOf(reader, stream, slot))) {
        yield { check: this.name, where: stream, problem };
      }
      this.folded += 1;
    }
  }

  summary(): string {
    const [folded, total] = [this.folded, this.total].map((runs) => runs.toLocaleString('en'));
    return `The rows of ${folded} of ${total} runs were compared with what their events make of them.`;
  }

  private async *streams(reader: ReadModelReader): AsyncIterable<RunStreamRow> {
    if (this.runs !== 'all') {
      yield* await reader.query<RunStreamRow>(sampleRunStreams, [this.runs]);
      return;
    }
    for (let after = '0'; ;) {
      const page = await reader.query<RunStreamRow>(listRunStreams, [after, runsAPage]);
      yield* page;
      if (page.length < runsAPage) return;
      after = page.at(-1)!.stream_no;
    }
  }

  private async problemsOf(reader: ReadModelReader, stream: string, slot: number): Promise<string[]> {
    const ref = runRefOf(stream)!;
    const [read] = await reader.query<RunReadRow>(readRun, [ref.projectId, ref.runId, slot, stream]);
    const made = await this.fold(reader, stream, ref, { ...read!, position: read!.read[slot] ?? 0 });
    const tests = await this.testProblems(reader, ref, made.rows);
    const rest = tests.length > mostTests ? [`${tests.length - mostTests} more of its tests are wrong`] : [];
    return [...runProblems(read!.run, made.state), ...tests.slice(0, mostTests), ...rest];
  }

  /** As the projection does: what was erased is passed over, and what is parked or discarded is not applied. */
  private async fold(
    reader: ReadModelReader,
    stream: string,
    { projectId, runId }: RunRef,
    { position, parked, discarded }: Pick<RunReadRow, 'parked' | 'discarded'> & { readonly position: number },
  ): Promise<MadeRun> {
    const left = new Set(discarded);
    const rows = new Map<string, TestRow>();
    let state = emptySummary(projectId, runId);
    for (let after = 0; ;) {
      const page = await reader.eventsAfter(stream, after);
      for (const event of page) {
        if (event.position > position || event.version >= (parked ?? Infinity)) return madeOf(state, rows);
        if (event.type === 'run.erased') return { state: undefined, rows: new Map() };
        if (!runsProjection.events.includes(event.type) || isErased(event) || left.has(event.version)) continue;
        const stored = storedEvent(event);
        const folded = foldRun(state, stored, isTestEvent(stored) ? rows.get(stored.data.testKey) : undefined);
        state = folded.state;
        if (folded.row !== undefined) rows.set(folded.row.testKey, folded.row);
      }
      if (page.length === 0) return madeOf(state, rows);
      after = page.at(-1)!.version;
    }
  }

  private async testProblems(
    reader: ReadModelReader,
    { projectId, runId }: RunRef,
    rows: ReadonlyMap<string, TestRow>,
  ): Promise<string[]> {
    const problems: string[] = [];
    const missing = new Set(rows.keys());
    for (let after = ''; ;) {
      const page = await reader.query<TestRecordRow>(listTestsOfRun, [projectId, runId, after, testsAPage]);
      for (const { key, test } of page) {
        missing.delete(key);
        const made = rows.get(key);
        if (made === undefined) problems.push(`its test ${key} has a row, and the log has no such test`);
        else problems.push(...wrong(`its test ${key}`, test, testRecord({ projectId, runId, row: made })));
      }
      if (page.length < testsAPage) break;
      after = page.at(-1)!.key;
    }
    for (const key of missing) problems.push(`its test ${key} has no row, and the log has results of it`);
    return problems;
  }
}

const madeOf = (state: SummaryState, rows: Map<string, TestRow>): MadeRun =>
  state.version === 0 ? { state: undefined, rows } : { state, rows };

function runProblems(kept: object | null, state: SummaryState | undefined): string[] {
  if (kept === null) return state === undefined ? [] : ['it has no row, and its events were read'];
  if (state === undefined) return ['it has a row, and its events make none'];
  return wrong('it', kept, runRecord(state));
}

/** The record is compared as the column types keep it: through JSON, where nothing is undefined. */
function wrong(what: string, kept: object, made: object): string[] {
  const said = differences(kept, JSON.parse(JSON.stringify(made)));
  return said === '' ? [] : [`${what} differs from what the log makes of it: ${said}`];
}
