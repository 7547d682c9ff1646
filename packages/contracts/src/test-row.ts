import type { RunEventData } from './events.ts';
import { decidingAttempt, outcomeOf, outranks } from './outcome.ts';
import type { TestAttempt, TestRow } from './read-models.ts';

/**
 * Attempts that a row shows: it is written whole with each of them, and read by the thousand. All are in the log. More
 * than the shards of the largest matrices, each of which may run the same test.
 */
export const maxAttempts = 500;

/** The events that make a test's row. */
export type TestEvent = {
  [T in 'test.planned' | 'test.started' | 'test.finished']: {
    type: T;
    at: number;
    offset: number;
    data: RunEventData[T];
  };
}['test.planned' | 'test.started' | 'test.finished'];

export function isTestEvent(event: { type: string }): event is TestEvent {
  return event.type === 'test.planned' || event.type === 'test.started' || event.type === 'test.finished';
}

/**
 * A test's row after one more event: the fold that the projection stores and that watchers apply live. Pure; events may
 * come in any order of kinds (a finish before its start), but each once and by rising offset.
 * `late`: the event's offset is above the run's end.
 */
export function foldTest(row: TestRow | undefined, event: TestEvent, late = false): TestRow {
  const { data } = event;
  const known = row?.attempts ?? [];
  const all = event.type === 'test.planned' ? known : withAttempt(known, attemptOf(event, late));
  const attempts = all.length > maxAttempts ? withoutOne(all) : all;
  const deciding = decidingAttempt(attempts);
  const error = deciding?.error ?? attempts.findLast((attempt) => attempt.error !== undefined)?.error;
  const next: TestRow = {
    testKey: data.testKey,
    testId: row?.testId ?? data.testId,
    variant: row?.variant ?? data.variant,
    title: data.title ?? row?.title ?? titleOf(data.testId),
    suite: data.suite ?? row?.suite ?? [],
    outcome: outcomeOf(attempts),
    running: attempts.some((attempt) => attempt.status === undefined && !isSuperseded(attempt, deciding)),
    attempts,
    version: event.offset,
  };
  const leftOut = all === attempts ? row?.attemptsLeftOut : (row?.attemptsLeftOut ?? 0) + 1;
  if (leftOut !== undefined) next.attemptsLeftOut = leftOut;
  if (deciding?.durationMs !== undefined) next.durationMs = deciding.durationMs;
  if (error !== undefined) next.error = error;
  describe(next, row, data);
  return next;
}

// Field by field, here and below: spread and filtered by their entries, the objects of a row cost ten times as much (35 µs an event).
function describe(next: TestRow, row: TestRow | undefined, data: TestEvent['data']): void {
  const file = data.file ?? row?.file;
  if (file !== undefined) next.file = file;
  const line = data.line ?? row?.line;
  if (line !== undefined) next.line = line;
  const tags = ('tags' in data ? data.tags : undefined) ?? row?.tags;
  if (tags !== undefined) next.tags = tags;
  const owner = ('owner' in data ? data.owner : undefined) ?? row?.owner;
  if (owner !== undefined) next.owner = owner;
}

// A worker that was killed never finishes its attempt; once a later one has finished, nobody waits for it any more.
function isSuperseded(open: TestAttempt, deciding: TestAttempt | undefined): boolean {
  if (deciding === undefined) return false;
  return open.rerun < deciding.rerun || (open.rerun === deciding.rerun && open.attempt < deciding.attempt);
}

function attemptOf(event: Exclude<TestEvent, { type: 'test.planned' }>, late: boolean): TestAttempt {
  const { shardId, rerun, attempt, worker } = event.data;
  const next: TestAttempt = { shardId, rerun, attempt };
  if (worker !== undefined) next.worker = worker;
  if (late) next.late = true;
  if (event.type === 'test.started') {
    next.startedAt = event.at;
    return next;
  }
  const { status, rawStatus, willRetry, durationMs, error } = event.data;
  next.status = status;
  if (rawStatus !== undefined) next.rawStatus = rawStatus;
  if (willRetry !== undefined) next.willRetry = willRetry;
  if (durationMs !== undefined) next.durationMs = durationMs;
  if (error !== undefined) next.error = error;
  next.finishedAt = event.at;
  next.offset = event.offset;
  return next;
}

function withAttempt(attempts: readonly TestAttempt[], next: TestAttempt): TestAttempt[] {
  if (attempts.length === 0) return [next];
  const index = attempts.findIndex(
    ({ shardId, rerun, attempt }) => shardId === next.shardId && rerun === next.rerun && attempt === next.attempt,
  );
  const merged = index === -1 ? [...attempts, next] : attempts.with(index, mergeAttempt(attempts[index]!, next));
  return merged.sort(
    (a, b) =>
      a.rerun - b.rerun || a.attempt - b.attempt || (a.shardId < b.shardId ? -1 : Number(a.shardId > b.shardId)),
  );
}

/**
 * One attempt less, the lowest that says nothing of its own: the one that decides, the last failure and the last
 * interruption stay, and so does the outcome. What has not finished goes only where nothing else is left.
 */
function withoutOne(attempts: readonly TestAttempt[]): TestAttempt[] {
  const told = [
    decidingAttempt(attempts),
    attempts.findLast(({ status }) => status === 'failed' || status === 'timedOut'),
    attempts.findLast(({ status }) => status === 'interrupted'),
  ];
  const victim = attempts.findIndex((attempt) => attempt.status !== undefined && !told.includes(attempt));
  return attempts.toSpliced(Math.max(0, victim), 1);
}

// Two reports of one attempt that differ (under two itemIds) leave the worse one standing.
function mergeAttempt(known: TestAttempt, next: TestAttempt): TestAttempt {
  if (next.status === undefined) return { ...next, ...known, startedAt: known.startedAt ?? next.startedAt };
  if (known.status !== undefined && !outranks(next, known)) return known;
  return { ...known, ...next };
}

/** How many attempts a test has had, those that its row does not show included. */
export function attemptCount({ attempts, attemptsLeftOut = 0 }: Pick<TestRow, 'attempts' | 'attemptsLeftOut'>): number {
  return attempts.length + attemptsLeftOut;
}

/** Title of a test that came without one: what stands last in its id. */
export function titleOf(testId: string): string {
  const title = testId
    .split(/::| > /)
    .at(-1)
    ?.trim();
  return title === undefined || title === '' ? testId : title;
}
