import { DomainError } from '#platform/kernel';
import { BoundedText } from '../format/bounded-text.ts';
import type { ReportProblems } from '../format/report-problems.ts';
import type { ReportSink } from '../format/reported-test.ts';
import { keptOutput } from '../format/output-texts.ts';
import { type CtrfObject, type CtrfValue, isObject, isOutput, isRead, numberOf } from './ctrf-element.ts';
import { testOfElement } from './ctrf-test.ts';
import { type JsonHandler, JsonReader, type JsonScalar } from './json-reader.ts';

/** An open array or object, and the key under which it stands. */
type Frame = { under: string; key: string } & (
  | { kind: 'root' | 'results' | 'tests' | 'skipped' }
  | { kind: 'object'; value: CtrfObject }
  | { kind: 'array'; value: CtrfValue[] }
  | { kind: 'output'; text: BoundedText; of: CtrfObject }
);

// Of one element: what a test can say in earnest, many times over.
const limits = { attempts: 1000, values: 20_000, characters: 1024 * 1024, string: 40 * 1024, stringPastBudget: 64 };

/** CTRF JSON, see docs/reference/report-formats.md. Of a document only one test at a time is in memory. */
export class CtrfReader implements JsonHandler {
  private readonly json = new JsonReader(this);
  private readonly frames: Frame[] = [];
  private summary: CtrfObject | undefined;
  private sawTests = false;
  private index = 0;
  private failed = 0;
  private values = 0;
  private characters = 0;

  constructor(
    private readonly sink: ReportSink,
    private readonly problems: ReportProblems,
  ) {}

  write(text: string): void {
    this.json.write(text);
  }

  end(): void {
    this.json.end();
    if (!this.sawTests) throw new DomainError('report.unknown-format', 'The JSON has no results.tests, as CTRF has.');
    this.compare();
  }

  get stringLimit(): number {
    return this.characters < limits.characters ? limits.string : limits.stringPastBudget;
  }

  begin(kind: 'object' | 'array'): void {
    const inside = this.frames.at(-1);
    this.frames.push(inside === undefined ? this.root(kind) : this.child(kind, inside));
  }

  key(name: string): void {
    this.frames.at(-1)!.key = name;
  }

  scalar(value: JsonScalar): void {
    const frame = this.frames.at(-1);
    if (frame === undefined || frame.kind === 'skipped') return;
    if (frame.kind === 'output') return appendLine(frame.text, value);
    if (frame.kind === 'tests') return this.takeTest(value);
    this.place(value, frame);
  }

  close(): void {
    const frame = this.frames.pop()!;
    const inside = this.frames.at(-1);
    if (frame.kind === 'output') frame.of[frame.under] = frame.text.toString();
    if ((frame.kind !== 'object' && frame.kind !== 'array') || inside === undefined) return;
    if (inside.kind === 'results') this.summary = frame.value as CtrfObject;
    else if (inside.kind === 'tests') this.takeTest(frame.value);
    else this.place(frame.value, inside);
  }

  private root(kind: 'object' | 'array'): Frame {
    return { kind: kind === 'object' ? 'root' : 'skipped', under: '', key: '' };
  }

  private child(kind: 'object' | 'array', inside: Frame): Frame {
    const under = inside.kind === 'array' || inside.kind === 'tests' ? inside.under : inside.key;
    const skipped: Frame = { kind: 'skipped', under, key: '' };
    switch (inside.kind) {
      case 'root':
        return kind === 'object' && under === 'results' ? { kind: 'results', under, key: '' } : skipped;
      case 'results':
        if (kind === 'array' && under === 'tests') return this.beginTests(under);
        return kind === 'object' && under === 'summary' ? { kind, under, key: '', value: empty() } : skipped;
      case 'tests':
        this.values = 0;
        this.characters = 0;
        return kind === 'object' ? { kind, under, key: '', value: empty() } : { kind, under, key: '', value: [] };
      case 'object':
        if (!isRead(inside.under, under)) return skipped;
        if (kind === 'array' && isOutput(under))
          return { kind: 'output', under, key: '', text: new BoundedText(keptOutput), of: inside.value };
        break;
      case 'array':
        break;
      default:
        return skipped;
    }
    this.count(0);
    return kind === 'object' ? { kind, under, key: '', value: empty() } : { kind, under, key: '', value: [] };
  }

  private beginTests(under: string): Frame {
    this.sawTests = true;
    return { kind: 'tests', under, key: '' };
  }

  private takeTest(value: CtrfValue): void {
    const index = this.index;
    this.index += 1;
    if (!isObject(value)) return this.problems.add(`Test ${index + 1} is not an object; it was left out.`);
    const attempts = value['retryAttempts'];
    if (Array.isArray(attempts) && attempts.length >= limits.attempts) {
      this.json.refuse(`Test ${index + 1} has more than ${limits.attempts} attempts`);
    }
    const test = testOfElement(value, index, this.problems);
    const { status } = test.attempts.at(-1)!;
    if (status === 'failed' || status === 'timedOut') this.failed += 1;
    this.sink.test(test);
  }

  private place(value: CtrfValue, frame: Frame): void {
    if (frame.kind === 'array') {
      this.count(typeof value === 'string' ? value.length : 0);
      frame.value.push(value);
    } else if (frame.kind === 'object' && isRead(frame.under, frame.key)) {
      this.count(typeof value === 'string' ? value.length : 0);
      const known = frame.value[frame.key];
      // A status that stands twice is not resolved by which came last.
      const contradicts = frame.key === 'status' && known !== undefined && known !== value;
      frame.value[frame.key] = contradicts ? `${JSON.stringify(known)} and ${JSON.stringify(value)}` : value;
    }
  }

  private count(characters: number): void {
    this.values += 1;
    this.characters += characters;
    if (this.values > limits.values) {
      this.json.refuse(`Test ${this.index + 1} has more than ${limits.values} values`);
    }
  }

  private compare(): void {
    if (this.summary === undefined) return;
    const tests = numberOf(this.summary, 'tests');
    if (tests !== undefined && tests !== this.index) {
      this.problems.add(`The summary says that there are ${tests} tests, and there are ${this.index}.`);
    }
    const failed = numberOf(this.summary, 'failed');
    if (failed !== undefined && failed > this.failed) {
      this.problems.add(`The summary says that ${failed} tests failed, and ${this.failed} did.`);
    }
  }
}

function empty(): CtrfObject {
  return Object.create(null) as CtrfObject;
}

// Reporters write lines with and without their line ends.
function appendLine(text: BoundedText, value: JsonScalar): void {
  const line = String(value);
  text.append(line.endsWith('\n') ? line : `${line}\n`);
}
