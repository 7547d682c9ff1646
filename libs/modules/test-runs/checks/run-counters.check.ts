import { type Finding, ReadModelCheck, type ReadModelReader } from '#platform/event-store';
import { counters, recountRuns, type RunCountersRow } from './run-counters.sql.ts';

const runsAPage = 100;

/** Counts every run's tests again: its counters move by differences, so one that went wrong would stay wrong. */
export class RunCountersCheck extends ReadModelCheck {
  readonly name = 'run counters';
  private runs = 0;

  async *findings(reader: ReadModelReader): AsyncIterable<Finding> {
    for (let after = ['', '']; ;) {
      const page = await reader.query<RunCountersRow>(recountRuns, [...after, runsAPage]);
      this.runs += page.length;
      for (const row of page) yield* this.faultsOf(row);
      const last = page.at(-1);
      if (last === undefined || page.length < runsAPage) return;
      after = [last.project_id, last.run_id];
    }
  }

  summary(): string {
    return `The counters of ${this.runs.toLocaleString('en')} runs were counted again.`;
  }

  private *faultsOf(row: RunCountersRow): Iterable<Finding> {
    const finding = (problem: string): Finding => ({
      check: this.name,
      where: `run:${row.project_id}/${row.run_id}`,
      problem,
    });
    for (const [index, counter] of counters.entries()) {
      const [kept, counted] = [row.kept[index], row.counted[index]];
      if (kept !== counted) yield finding(`its row says ${kept} ${counter}, and its tests add up to ${counted}`);
    }
    if (row.log_version === null) yield finding('it has a row, and the log has no such run');
    else if (Number(row.version) > Number(row.log_version)) {
      yield finding(`its row reflects version ${row.version}, and the log ends at ${row.log_version}`);
    }
    if (Number(row.newest_test) > Number(row.version)) {
      yield finding(`a test's row reflects version ${row.newest_test}, and the run's only ${row.version}`);
    }
  }
}
