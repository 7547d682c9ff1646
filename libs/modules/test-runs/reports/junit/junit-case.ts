import { JunitVerdict, type VerdictKind } from './junit-verdict.ts';
import { OutputTexts } from '../format/output-texts.ts';
import type { XmlElement } from './xml-reader.ts';
import { refused } from '../format/report-errors.ts';

/** More attempts or failures of one test than this are no report of a test run. */
const mostVerdicts = 1000;
const mostProperties = 50;

/** A `<testcase>` as it streams. */
export class JunitCase {
  readonly verdicts: JunitVerdict[] = [];
  readonly output = new OutputTexts();
  readonly properties: Record<string, string> = {};
  private propertyCount = 0;

  constructor(readonly element: XmlElement) {}

  add(kind: VerdictKind, element: XmlElement): JunitVerdict {
    if (this.verdicts.length >= mostVerdicts) throw refused(`A test has more than ${mostVerdicts} failures`, element);
    const verdict = new JunitVerdict(kind, element, element.name.includes('error') ? 'error' : 'failure');
    this.verdicts.push(verdict);
    return verdict;
  }

  get hasProperties(): boolean {
    return this.propertyCount > 0;
  }

  property(name: string, value: string): void {
    if (name === '' || name === '__proto__' || this.propertyCount >= mostProperties) return;
    this.propertyCount += 1;
    this.properties[name.slice(0, 200)] = value.slice(0, 2000);
  }

  ofKind(...kinds: VerdictKind[]): JunitVerdict[] {
    return this.verdicts.filter(({ kind }) => kinds.includes(kind));
  }
}
