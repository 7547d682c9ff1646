import type { AttemptStatus, Step } from '@testcast/contracts';

export interface ReportedError {
  message: string;
  stack?: string | undefined;
  snippet?: string | undefined;
}

export interface ReportedAttempt {
  status: AttemptStatus;
  rawStatus?: string | undefined;
  durationMs: number;
  /** When it ended, epoch milliseconds; absent when the report does not say. */
  at?: number | undefined;
  error?: ReportedError | undefined;
  output: ReportedOutput[];
}

export interface ReportedOutput {
  stream: 'stdout' | 'stderr';
  text: string;
}

/** One element of a report, whatever its format: a test with the attempts that the element tells of, the last one deciding. */
export interface ReportedTest {
  testId: string;
  title: string;
  suite: string[];
  file?: string | undefined;
  line?: number | undefined;
  /** What the element itself says it ran on, such as a browser. */
  variant?: string | undefined;
  attempts: ReportedAttempt[];
  /** The element says that it is retry n (1 …) of a test; its earlier attempts may be elements before it. */
  retry: number;
  /** The element says whether an earlier attempt failed; undefined when it says nothing. */
  flaky?: boolean | undefined;
  tags?: string[] | undefined;
  owner?: string | undefined;
  worker?: string | undefined;
  parameters?: Record<string, string> | undefined;
  steps?: Step[] | undefined;
  /** Where the element begins in the file, as far as its reader knows. */
  place?: { line: number; column: number } | undefined;
}

/** What a reader hands on as it reads. */
export interface ReportSink {
  test(test: ReportedTest): void;
  /** Output that belongs to no test. */
  output(output: ReportedOutput): void;
}
