import type { AttemptStatus } from '@testcast/contracts';

/** `ran` says nothing of how it ended: GoogleTest writes `status="run" result="completed"` on tests that failed. */
export type StatusWord = AttemptStatus | 'ran';

const words: Record<StatusWord, string> = {
  passed:
    'passed pass ok okay success successful succeeded expected xfail xfailed expectedfailure expectedlyfailed fixed true',
  failed:
    'failed fail failure failures error errored errors broken notok ko unexpected xpass xpassed unexpectedpass unexpectedsuccess crashed crash panic regression warning undefined ambiguous false',
  timedOut: 'timedout timeout',
  skipped:
    'skipped skip ignored ignore pending todo disabled notrun notexecuted notapplicable suppressed excluded deselected untested filtered assumptionfailed dynamic manual',
  interrupted: 'interrupted aborted abort cancelled canceled killed stopped',
  ran: 'run ran completed complete executed finished done',
};
const known = new Map<string, StatusWord>(
  Object.entries(words).flatMap(([status, list]) =>
    list.split(' ').map((word) => [word, status as StatusWord] as const),
  ),
);

/** What a tool's own word for a status means; undefined for a word that no known tool writes. */
export function statusOf(word: string): StatusWord | undefined {
  return known.get(word.toLowerCase().replace(/[^a-z]/g, ''));
}

const severity: Record<StatusWord, number> = { ran: 0, passed: 1, skipped: 2, interrupted: 3, timedOut: 4, failed: 5 };

/** The worst of what a report says about one attempt: where its words contradict each other, none of them is passed over. */
export function worstOf(a: StatusWord, b: StatusWord): StatusWord {
  return severity[a] >= severity[b] ? a : b;
}

// Names of elements that no known tool writes, but that would hide a failure if they were ignored.
const suspicious = /fail|error|exception|crash|abort|broken|time-?d?-?out|panic|fatal|unexpected|warning/i;

/** Whether an unknown element inside a test speaks of a failure. */
export function speaksOfFailure(element: string): boolean {
  return suspicious.test(element);
}

/** Whether a message is the one with which Playwright ends a test that took too long: it has no status for it in reports. */
export function isTimeoutOfPlaywright(message: string): boolean {
  return /^\W*(?:\[\d+m)?Test timeout of \d+ms exceeded/.test(message);
}
