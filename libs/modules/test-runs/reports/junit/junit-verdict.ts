import { limits } from '@testcast/contracts';
import { BoundedText } from '../format/bounded-text.ts';
import type { ReportedError, ReportedOutput } from '../format/reported-test.ts';
import { repairedName } from '../format/repaired-text.ts';
import { OutputTexts } from '../format/output-texts.ts';
import type { XmlElement } from './xml-reader.ts';

/** What a child of a test says of it. `flaky…` and `rerun…` are Surefire's, written by several other tools too. */
export type VerdictKind = 'failure' | 'error' | 'skipped' | 'flaky' | 'rerun';

const kinds: Record<string, VerdictKind> = {
  failure: 'failure',
  error: 'error',
  skipped: 'skipped',
  skip: 'skipped',
  ignored: 'skipped',
  disabled: 'skipped',
  flakyfailure: 'flaky',
  flakyerror: 'flaky',
  rerunfailure: 'rerun',
  rerunerror: 'rerun',
};

export function verdictKindOf(element: string): VerdictKind | undefined {
  return Object.hasOwn(kinds, element) ? kinds[element] : undefined;
}

/** One `<failure>`, `<error>`, `<skipped>` … as it streams. */
export class JunitVerdict {
  readonly type: string;
  readonly output = new OutputTexts();
  private readonly text = new BoundedText(limits.stackBytes);
  private readonly message: BoundedText;

  constructor(
    readonly kind: VerdictKind,
    readonly element: XmlElement,
    /** `error` for `<error>`, `<flakyError>` and `<rerunError>`. */
    readonly word: string,
  ) {
    this.type = repairedName(element.attributes.get('type') ?? '').slice(0, 200);
    this.message = new BoundedText(limits.messageBytes);
    this.message.append(element.attributes.get('message') ?? '');
  }

  append(piece: string): void {
    this.text.append(piece);
  }

  appendMessage(piece: string): void {
    this.message.append(piece);
  }

  /** The message is the attribute, or else the first line of the text, or else the type. */
  error(): ReportedError {
    const stack = this.text
      .toString()
      .replace(/^\s*\n/, '')
      .trimEnd();
    const message = this.message.toString().trim();
    const shown = message !== '' ? message : (stack.trim().split('\n', 1)[0] ?? '') || this.type || this.word;
    return { message: shown, ...(stack === '' || stack.trim() === shown ? {} : { stack }) };
  }

  outputs(): ReportedOutput[] {
    return this.output.taken();
  }
}
