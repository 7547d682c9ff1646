import type { RunCounts } from '@testcast/contracts';
import type { FileOutcome, UploadOutcome } from './upload-outcome.ts';

/** Problems that are printed of one file; all that the server named are in the JSON. */
const printedProblems = 10;

export interface SummaryLine {
  text: string;
  isError: boolean;
}

/** What people read: what was wrong, then one line of what was sent, then where it can be seen. */
export function linesOf(outcome: UploadOutcome): SummaryLine[] {
  const { files, missing, settings, failure } = outcome;
  const lines = missing.map((text) => ({ text, isError: true }));
  if (failure !== undefined)
    lines.push({ text: `The run could not be begun or ended: ${failure.message}`, isError: true });
  for (const file of files) lines.push(...fileLines(file, failure !== undefined));
  const sent = files.filter(({ status }) => status === 'sent').length;
  const total = files.length + missing.length;
  lines.push({ text: `sent ${sent} of ${total} files: ${countsOf(outcome)}`, isError: false });
  if (sent > 0) {
    const page = `${settings.url}/p/${settings.projectId}/runs/${encodeURIComponent(settings.runId)}`;
    lines.push({ text: `run ${settings.runId}: ${page}`, isError: false });
  }
  return lines;
}

/** For `--json`: one object. */
export function jsonOf({ files, missing, settings, failure, counts }: UploadOutcome): unknown {
  return {
    projectId: settings.projectId,
    runId: settings.runId,
    shardId: settings.shardId,
    rerun: settings.rerun,
    total: files.length + missing.length,
    sent: files.filter(({ status }) => status === 'sent').length,
    tests: testsOf(files),
    files,
    missing,
    failure: failure === undefined ? undefined : { code: failure.code, message: failure.message },
    run: counts,
  };
}

function fileLines(file: FileOutcome, toldBefore: boolean): SummaryLine[] {
  if (file.status !== 'sent') {
    if (toldBefore) return [];
    const { message, details } = file.error;
    const what = file.status === 'refused' ? 'refused' : 'not sent';
    return [{ text: `${file.file}: ${what}: ${message}${placeOf(details ?? {}, message)}`, isError: true }];
  }
  const lines = file.problems.slice(0, printedProblems).map((problem) => ({
    text: `${file.file}: ${problem.testId === undefined ? '' : `${problem.testId}: `}${problem.message}${placeOf(problem, problem.message)}`,
    isError: file.rejected > 0,
  }));
  const more = file.problems.length - printedProblems;
  if (more > 0)
    lines.push({ text: `${file.file}: ${more} more problems (--json shows them)`, isError: file.rejected > 0 });
  if (file.rejected > 0) lines.push({ text: `${file.file}: ${file.rejected} results were rejected`, isError: true });
  return lines;
}

interface Place {
  line?: number | undefined;
  column?: number | undefined;
}
/** Unless the message says it itself. */
function placeOf({ line, column }: Place, message: string): string {
  if (typeof line !== 'number' || message.includes(`line ${line}`)) return '';
  return typeof column === 'number' ? ` (line ${line}, column ${column})` : ` (line ${line})`;
}

function testsOf(files: readonly FileOutcome[]): number {
  return files.reduce((sum, file) => sum + (file.status === 'sent' ? file.tests : 0), 0);
}

function countsOf({ files, counts }: UploadOutcome): string {
  const tests = testsOf(files);
  return `${tests} ${tests === 1 ? 'test' : 'tests'}${counts === undefined ? '' : ` (run so far: ${outcomesOf(counts)})`}`;
}

function outcomesOf(counts: RunCounts): string {
  const named = (['passed', 'failed', 'flaky', 'skipped', 'pending'] as const).filter((outcome) => counts[outcome] > 0);
  return named.length === 0 ? 'no results' : named.map((outcome) => `${counts[outcome]} ${outcome}`).join(', ');
}
