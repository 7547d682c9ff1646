import type { ReportProblems } from '../format/report-problems.ts';
import { parseSeconds, parseTimestamp } from '../format/times.ts';
import type { XmlElement } from './xml-reader.ts';

/** `time` of an element, in milliseconds; zero, and a problem, when it is not a duration. */
export function durationOf({ attributes, line, column }: XmlElement, problems: ReportProblems): number {
  const text = attributes.get('time') ?? attributes.get('duration') ?? '';
  if (text.trim() === '') return 0;
  const ms = parseSeconds(text);
  if (ms === undefined) problems.add(`The time "${text.slice(0, 40)}" is not a duration in seconds.`, line, column);
  return ms ?? 0;
}

/** `timestamp` of an element, when it began. Tools that do not know it write 1970 or the year 1, which is not a problem. */
export function startOf({ attributes }: XmlElement): number | undefined {
  const text = attributes.get('timestamp');
  return text === undefined ? undefined : parseTimestamp(text);
}
