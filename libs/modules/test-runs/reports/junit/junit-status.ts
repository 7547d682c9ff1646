import type { AttemptStatus } from '@testcast/contracts';
import type { ReportProblems } from '../format/report-problems.ts';
import { type StatusWord, isTimeoutOfPlaywright, statusOf, worstOf } from '../format/status-words.ts';
import type { JunitCase } from './junit-case.ts';
import type { JunitVerdict } from './junit-verdict.ts';

export interface JunitStatus {
  status: AttemptStatus;
  rawStatus?: string | undefined;
}

interface Statement {
  word: StatusWord;
  raw: string;
}

/** The worst of what a test's children and attributes say. A word that nobody knows is a failure and a problem. */
export function statusOfCase(test: JunitCase, problems: ReportProblems): JunitStatus {
  const statements = [...test.verdicts.map((verdict) => ofVerdict(verdict, test)), ...ofAttributes(test, problems)];
  let worst: Statement = { word: 'ran', raw: '' };
  for (const statement of statements) {
    if (worstOf(worst.word, statement.word) !== worst.word || worst.raw === '')
      worst = { ...statement, word: worstOf(worst.word, statement.word) };
  }
  const status = worst.word === 'ran' ? 'passed' : worst.word;
  return worst.raw === '' ? { status } : { status, rawStatus: worst.raw };
}

// node:test, cargo-nextest, JUnit 4.
const timeouts = /^(?:testTimeoutFailure|test timeout|.*TestTimedOutException)$/;

/** What a failure is: most are failures, some tools say that it was the clock. */
export function statusOfFailure({ type, word, element }: JunitVerdict): {
  status: 'failed' | 'timedOut';
  rawStatus: string;
} {
  if (timeouts.test(type)) return { status: 'timedOut', rawStatus: type };
  const status = isTimeoutOfPlaywright(element.attributes.get('message') ?? '') ? 'timedOut' : 'failed';
  return { status, rawStatus: word };
}

function ofVerdict(verdict: JunitVerdict, test: JunitCase): Statement {
  const { kind, type } = verdict;
  if (kind === 'flaky') return { word: 'ran', raw: '' };
  if (kind === 'skipped') {
    // An expected failure is a pass; pytest has no other element for it.
    if (type === 'pytest.xfail') return { word: 'passed', raw: 'xfailed' };
    if (notStarted(verdict, test)) return { word: 'failed', raw: 'notrun' };
    return { word: 'skipped', raw: type === '' || type === 'skipped' ? 'skipped' : type };
  }
  const { status, rawStatus } = statusOfFailure(verdict);
  return { word: status, raw: rawStatus };
}

/** CTest writes a test that it could not start ("Unable to find executable") as skipped, and counts it as failed. */
function notStarted({ element }: JunitVerdict, test: JunitCase): boolean {
  const { attributes } = test.element;
  const byCTest =
    attributes.get('status') === 'notrun' &&
    !attributes.has('result') &&
    attributes.get('classname') === attributes.get('name');
  return byCTest && !/^(?:SKIP_|Disabled|$)/.test(element.attributes.get('message') ?? '');
}

function ofAttributes({ element }: JunitCase, problems: ReportProblems): Statement[] {
  const { attributes, line, column } = element;
  const statements: Statement[] = [];
  for (const name of ['status', 'result', 'outcome']) {
    const raw = (attributes.get(name) ?? '').trim().slice(0, 200);
    if (raw === '') continue;
    const word = statusOf(raw);
    if (word === undefined)
      problems.add(`The ${name} "${raw.slice(0, 40)}" is not known; the test counts as failed.`, line, column);
    statements.push({ word: word ?? 'failed', raw });
  }
  if (isFalse(attributes.get('success'))) statements.push({ word: 'failed', raw: 'success=false' });
  if (isFalse(attributes.get('executed'))) statements.push({ word: 'skipped', raw: 'executed=false' });
  return statements;
}

function isFalse(text: string | undefined): boolean {
  return text !== undefined && /^(?:false|no|0)$/i.test(text.trim());
}
