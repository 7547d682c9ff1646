import type { AttemptStatus } from '@testcast/contracts';
import type { ReportProblems } from '../format/report-problems.ts';
import type { ReportedAttempt, ReportedError } from '../format/reported-test.ts';
import { repairedName } from '../format/repaired-text.ts';
import { isTimeoutOfPlaywright, statusOf, worstOf } from '../format/status-words.ts';
import { epochMs, parseTimestamp } from '../format/times.ts';
import { type CtrfObject, numberOf, textOf } from './ctrf-element.ts';

const longest = 1e12;

/** A test or one of its `retryAttempts`. `where` names it in problems. */
export function attemptOf(object: CtrfObject, where: string, problems: ReportProblems): ReportedAttempt {
  const { status, rawStatus } = statusIn(object, where, problems);
  const start = timeOf(object, 'start');
  const stop = timeOf(object, 'stop');
  const durationMs = durationOf(object, start, stop, where, problems);
  const at = stop ?? (start === undefined ? undefined : start + durationMs);
  const error = status === 'passed' ? undefined : errorOf(object);
  return { status, rawStatus, durationMs, at, error, output: outputOf(object) };
}

function statusIn(
  object: CtrfObject,
  where: string,
  problems: ReportProblems,
): { status: AttemptStatus; rawStatus: string } {
  const said = textOf(object, 'status') ?? '';
  const raw = repairedName(textOf(object, 'rawStatus') ?? said).slice(0, 200) || 'missing';
  const own = said.toLowerCase() === 'other' ? undefined : statusOf(said);
  const tools = statusOf(raw);
  if (own === undefined || own === 'ran') {
    // "other" is not passed, whatever the tool's own word says.
    const status = tools === undefined || tools === 'ran' || tools === 'passed' ? 'failed' : tools;
    if (status === 'failed' && tools !== 'failed') {
      problems.add(
        `${where}: the status "${said.slice(0, 40)}" (${raw.slice(0, 40)}) is not known; the test counts as failed.`,
      );
    }
    return { status, rawStatus: raw };
  }
  // Earlier attempts of Playwright have no status of the tool's own.
  if (own === 'failed' && raw === said && isTimeoutOfPlaywright(textOf(object, 'message') ?? '')) {
    return { status: 'timedOut', rawStatus: raw };
  }
  // CTRF has no word for these two; the tool's own is more exact than "failed".
  if (own === 'failed' && (tools === 'timedOut' || tools === 'interrupted')) return { status: tools, rawStatus: raw };
  const status = tools === undefined ? own : worstOf(own, tools);
  return { status: status === 'ran' ? 'passed' : status, rawStatus: raw };
}

function durationOf(
  object: CtrfObject,
  start: number | undefined,
  stop: number | undefined,
  where: string,
  problems: ReportProblems,
): number {
  const said = numberOf(object, 'duration');
  if (said !== undefined && said >= 0) return Math.min(said, longest);
  if (said !== undefined || object['duration'] !== undefined)
    problems.add(`${where}: the duration is not one in milliseconds.`);
  return start === undefined || stop === undefined ? 0 : Math.max(0, stop - start);
}

function timeOf(object: CtrfObject, key: string): number | undefined {
  const number = numberOf(object, key);
  if (number !== undefined) return epochMs(number);
  const text = object[key];
  return typeof text === 'string' ? parseTimestamp(text) : undefined;
}

function errorOf(object: CtrfObject): ReportedError | undefined {
  const stack = textOf(object, 'trace');
  const message = textOf(object, 'message') ?? stack?.trim().split('\n', 1)[0];
  const snippet = textOf(object, 'snippet');
  if (message === undefined) return undefined;
  return { message, stack, snippet };
}

function outputOf(object: CtrfObject): ReportedAttempt['output'] {
  return (['stdout', 'stderr'] as const).flatMap((stream) => {
    const text = textOf(object, stream)?.trimEnd();
    return text === undefined || text === '' ? [] : [{ stream, text }];
  });
}
