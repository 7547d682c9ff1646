import type { TestcastError } from '@testcast/client/node';
import type { RunCounts } from '@testcast/contracts';
import type { UploadSettings } from './settings.ts';
import type { FileOutcome, UploadOutcome } from './upload-outcome.ts';

/** Problems that are printed of one file; all that the server named are in the JSON. */
const printedProblems = 10;

export interface SummaryLine {
  text: string;
  isError: boolean;
}

/** What people read: what was wrong, then one line of what was sent, then where it can be seen. */
export function linesOf(outcome: UploadOutcome): SummaryLine[] {
  const { files, missing, settings, failure, left, newProject, finishing } = outcome;
  const lines = missing.map((text) => ({ text, isError: true }));
  if (failure !== undefined) lines.push({ text: failureOf(failure, outcome), isError: true });
  for (const file of files) lines.push(...fileLines(file, failure !== undefined));
  const sent = files.filter(({ status }) => status === 'sent').length;
  const total = files.length + missing.length;
  if (left !== undefined) lines.push({ text: leftTexts[left](settings), isError: true });
  if (newProject === true)
    lines.push({ text: `project ${settings.projectId} is new: it was not there before`, isError: false });
  lines.push({ text: `sent ${sent} of ${plural(total, 'file')}: ${countsOf(outcome)}`, isError: false });
  if (sent > 0 || left === 'interrupted run') {
    const page = `${settings.url}/p/${settings.projectId}/runs/${encodeURIComponent(settings.runId)}`;
    const open = finishing === true ? '' : ' (open for more; --finish ends it)';
    lines.push({ text: `run ${settings.runId}: ${page}${open}`, isError: false });
  }
  return lines;
}

function failureOf({ code, message }: TestcastError, { settings: { url, tokenFrom } }: UploadOutcome): string {
  if (code === 'network.failed') return `Nothing could be sent to ${url} (--url, TESTCAST_URL): ${message}`;
  if (code === 'auth.forbidden') return `${url} does not let the token of ${tokenFrom} do this: ${message}`;
  if (!code.startsWith('auth.')) return `The run could not be begun or ended: ${message}`;
  const other = tokenFrom.startsWith('-') || tokenFrom === 'TESTCAST_TOKEN' ? '' : otherServer;
  return `${url} (--url, TESTCAST_URL) does not take the token of ${tokenFrom}: ${message}${other}`;
}

const otherServer =
  ' Is it the key of another server? DATA_DIR says where the server keeps its own, TESTCAST_TOKEN sets another token.';

const leftTexts: Record<NonNullable<UploadOutcome['left']>, (settings: UploadSettings) => string> = {
  'no run': ({ runId }) => `run ${runId} was not begun: nothing was accepted`,
  'open run': ({ runId }) => `run ${runId} stays open: send what is missing, or end it with --finish`,
  'interrupted run': ({ runId }) =>
    `run ${runId} was ended as interrupted, since not everything is in it; it is failed where a test has failed`,
  'open shard': ({ runId, shardId }) =>
    `shard ${shardId} of run ${runId} stays open, since not everything is in it: send it all with --finish`,
};

/** For `--json`: one object. */
export function jsonOf({ files, missing, settings, failure, left, newProject, counts }: UploadOutcome): unknown {
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
    left,
    newProject,
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
  if (file.rejected > 0)
    lines.push({ text: `${file.file}: ${plural(file.rejected, 'result')} rejected`, isError: true });
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
  const soFar = counts === undefined ? '' : ` (run so far: ${outcomesOf(counts)})`;
  return `${plural(testsOf(files), 'test')}${knownOf(files)}${soFar}`;
}

/** What was sent before changes nothing, which looks like a mistake unless it is said. */
function knownOf(files: readonly FileOutcome[]): string {
  let [accepted, known] = [0, 0];
  for (const file of files) {
    if (file.status !== 'sent') continue;
    accepted += file.accepted;
    known += file.duplicates;
  }
  if (known === 0) return '';
  return accepted === 0 ? ', all known already' : `, ${known} of ${accepted + known} results known already`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function outcomesOf(counts: RunCounts): string {
  const named = (['passed', 'failed', 'flaky', 'skipped', 'pending'] as const).filter((outcome) => counts[outcome] > 0);
  return named.length === 0 ? 'no results' : named.map((outcome) => `${counts[outcome]} ${outcome}`).join(', ');
}
