import { DomainError } from '#platform/kernel';
import { BoundedText } from '../format/bounded-text.ts';
import type { ReportProblems } from '../format/report-problems.ts';
import type { ReportSink, ReportedTest } from '../format/reported-test.ts';
import { repairedName } from '../format/repaired-text.ts';
import { speaksOfFailure } from '../format/status-words.ts';
import { JunitCase } from './junit-case.ts';
import { JunitSuite } from './junit-suite.ts';
import { testOfCase, testOfSuite } from './junit-test.ts';
import { JunitVerdict, verdictKindOf } from './junit-verdict.ts';
import { NodeTestTally } from './node-test-tally.ts';
import type { OutputTexts } from '../format/output-texts.ts';
import { type XmlElement, type XmlHandler, XmlReader } from './xml-reader.ts';

/** An open element, by what its text is for. */
type Frame =
  | { kind: 'suite'; suite: JunitSuite }
  | { kind: 'case'; test: JunitCase }
  | { kind: 'verdict'; verdict: JunitVerdict; part: 'text' | 'message' }
  | { kind: 'output'; texts: OutputTexts; stream: 'stdout' | 'stderr' }
  | { kind: 'property'; test: JunitCase; name: string; value: BoundedText }
  | { kind: 'other' };

const other: Frame = { kind: 'other' };
const namedElements = 20;
// The children of tests that tools write besides verdicts and output, and that say nothing about how the test ended.
const neutral = new Set(
  'properties property attachments attachment annotations annotation metadata parameters steps step rawtext docs'.split(
    ' ',
  ),
);
const mostSuiteErrors = 100;

/** JUnit XML in all its dialects, see docs/reference/report-formats.md. */
export class JunitReader implements XmlHandler {
  private readonly xml: XmlReader;
  private readonly frames: Frame[] = [];
  private readonly suites: JunitSuite[] = [];
  private readonly unknown = new Set<string>();
  private readonly tally = new NodeTestTally();

  constructor(
    private readonly sink: ReportSink,
    private readonly problems: ReportProblems,
  ) {
    this.xml = new XmlReader(this, problems);
  }

  write(text: string): void {
    this.xml.write(text);
  }

  end(): void {
    this.xml.end();
  }

  open(element: XmlElement): void {
    const inside = this.frames.at(-1);
    this.frames.push(inside === undefined ? this.root(element) : this.child(element, inside));
  }

  text(piece: string): void {
    const frame = this.frames.at(-1);
    switch (frame?.kind) {
      case 'verdict':
        return frame.part === 'text' ? frame.verdict.append(piece) : frame.verdict.appendMessage(piece);
      case 'output':
        return frame.texts.append(frame.stream, piece);
      case 'property':
        return frame.value.append(piece);
      default:
    }
  }

  comment(text: string): void {
    if (this.frames.length === 1) this.tally.read(text);
  }

  close(): void {
    const frame = this.frames.pop();
    if (frame?.kind === 'case') this.closeCase(frame.test);
    if (frame?.kind === 'suite') this.closeSuite(frame.suite);
    // Texts of one `<property>` with markup in it are one value.
    if (frame?.kind === 'property' && this.frames.at(-1)?.kind !== 'property') {
      frame.test.property(frame.name, frame.value.toString().trim());
    }
  }

  private root(element: XmlElement): Frame {
    const { name } = element;
    if (name === 'testsuite') return this.suite(element, false);
    // Eclipse's; Visual Studio's "TestRun" is another thing.
    if (name === 'testsuites' || element.written === 'testrun') return this.suite(element, true);
    throw new DomainError('report.unknown-format', `The root element <${name.slice(0, 100)}> is not one of JUnit XML.`);
  }

  private suite(element: XmlElement, isRoot: boolean): Frame {
    const suite = new JunitSuite(element, isRoot);
    this.suites.push(suite);
    return { kind: 'suite', suite };
  }

  private child(element: XmlElement, inside: Frame): Frame {
    // Whatever stands inside a text is text: runners paste HTML into their output.
    if (inside.kind === 'output' || inside.kind === 'property') return inside;
    if (inside.kind === 'verdict') return childOfVerdict(element, inside);
    const test = this.nearestCase();
    switch (element.name) {
      case 'testsuite':
      case 'testsuites':
        return this.suite(element, false);
      case 'testcase':
        return { kind: 'case', test: new JunitCase(element) };
      case 'system-out':
      case 'system-err':
        return { kind: 'output', texts: (test ?? this.suites.at(-1)!).output, stream: streamOf(element.name) };
      case 'property':
        return test === undefined ? other : propertyOf(element, test);
      default:
        return this.verdictOrOther(element, test);
    }
  }

  private verdictOrOther(element: XmlElement, test: JunitCase | undefined): Frame {
    const kind = verdictKindOf(element.name);
    if (test === undefined) {
      const suite = this.suites.at(-1)!;
      if ((kind !== 'failure' && kind !== 'error') || suite.verdicts.length >= mostSuiteErrors) return other;
      const verdict = new JunitVerdict(kind, element, kind);
      suite.verdicts.push(verdict);
      return { kind: 'verdict', verdict, part: 'text' };
    }
    if (kind !== undefined) return { kind: 'verdict', verdict: test.add(kind, element), part: 'text' };
    const failing = speaksOfFailure(element.name);
    if (failing || !neutral.has(element.name)) this.noteUnknown(element, failing);
    return failing ? { kind: 'verdict', verdict: test.add('failure', element), part: 'text' } : other;
  }

  private noteUnknown({ name, line, column }: XmlElement, failing: boolean): void {
    if (this.unknown.has(name) || this.unknown.size >= namedElements) return;
    this.unknown.add(name);
    const so = failing ? 'its tests count as failed' : 'it was left out';
    this.problems.add(`The element <${name.slice(0, 100)}> inside a test is not known; ${so}.`, line, column);
  }

  private closeCase(test: JunitCase): void {
    this.emit(testOfCase(test, this.suites, this.problems));
  }

  private closeSuite(suite: JunitSuite): void {
    for (const verdict of suite.verdicts) this.emit(testOfSuite(this.suites, verdict.error(), verdict.word), suite);
    const message = suite.unnamedFailures(this.tally.failed);
    if (message !== undefined) this.emit(testOfSuite(this.suites, { message }, 'failure'), suite);
    for (const output of suite.output.taken()) this.sink.output(output);
    suite.compare(this.problems);
    this.suites.pop();
    this.suites.at(-1)?.include(suite);
  }

  private emit(test: ReportedTest, suite = this.suites.at(-1)!): void {
    const { status } = test.attempts.at(-1)!;
    suite.count(status === 'failed' || status === 'timedOut');
    this.sink.test(test);
  }

  private nearestCase(): JunitCase | undefined {
    const nearest = this.frames.findLast(({ kind }) => kind === 'case' || kind === 'suite');
    return nearest?.kind === 'case' ? nearest.test : undefined;
  }
}

// Surefire's reruns hold a stackTrace and the output of that run; others spell out message and stack-trace.
function childOfVerdict({ name }: XmlElement, inside: Frame & { kind: 'verdict' }): Frame {
  const { verdict } = inside;
  if (name === 'system-out' || name === 'system-err')
    return { kind: 'output', texts: verdict.output, stream: streamOf(name) };
  return name === 'message' ? { kind: 'verdict', verdict, part: 'message' } : inside;
}

function propertyOf({ attributes }: XmlElement, test: JunitCase): Frame {
  const value = new BoundedText(2000);
  value.append(attributes.get('value') ?? '');
  return { kind: 'property', test, name: repairedName(attributes.get('name') ?? ''), value };
}

function streamOf(element: string): 'stdout' | 'stderr' {
  return element === 'system-err' ? 'stderr' : 'stdout';
}
