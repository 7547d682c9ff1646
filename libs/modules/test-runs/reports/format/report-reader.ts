import { DomainError } from '#platform/kernel';
import { CtrfReader } from '../ctrf/ctrf-reader.ts';
import { JunitReader } from '../junit/junit-reader.ts';
import { truncated } from './report-errors.ts';
import type { ReportProblems } from './report-problems.ts';
import type { ReportSink } from './reported-test.ts';
import { TextDecoding } from './text-decoding.ts';

/** Reads the text of one format as it comes. Both throw an error of the catalogue when the report cannot be read. */
interface TextReader {
  write(text: string): void;
  end(): void;
}

const mostWhitespace = 64 * 1024;

/** Reads a report, whose own first character tells its format: content types of uploads are what a shell script guessed. */
export class ReportReader {
  private readonly decoding: TextDecoding;
  private reader: TextReader | undefined;
  private start = '';

  constructor(
    private readonly sink: ReportSink,
    private readonly problems: ReportProblems,
  ) {
    this.decoding = new TextDecoding(problems);
  }

  write(bytes: Uint8Array): void {
    this.pass(this.decoding.write(bytes));
  }

  /** Throws `report.truncated` when the document is not whole. */
  end(): void {
    this.pass(this.decoding.end());
    if (this.reader === undefined) throw truncated({ line: 1, column: this.start.length + 1 });
    this.reader.end();
  }

  private pass(text: string): void {
    if (this.reader !== undefined) return this.reader.write(text);
    this.start += text;
    const first = this.start.trimStart()[0];
    if (first === undefined) {
      if (this.start.length > mostWhitespace)
        throw new DomainError('report.unknown-format', 'The report begins with blanks only.');
      return;
    }
    this.reader = this.readerFor(first);
    this.reader.write(this.start);
    this.start = '';
  }

  private readerFor(first: string): TextReader {
    if (first === '<') return new JunitReader(this.sink, this.problems);
    if (first === '{') return new CtrfReader(this.sink, this.problems);
    throw new DomainError('report.unknown-format');
  }
}
