import { BoundedText } from './bounded-text.ts';
import type { ReportedOutput } from './reported-test.ts';

/** Characters of one stream of one test that are kept; what is longer loses its middle. */
export const keptOutput = 32 * 1024;

/** What a test wrote, as it streams. */
export class OutputTexts {
  private readonly texts = new Map<ReportedOutput['stream'], BoundedText>();

  append(stream: ReportedOutput['stream'], piece: string): void {
    let text = this.texts.get(stream);
    if (text === undefined) this.texts.set(stream, (text = new BoundedText(keptOutput)));
    text.append(piece);
  }

  taken(): ReportedOutput[] {
    return [...this.texts]
      .map(([stream, text]) => ({
        stream,
        text: text
          .toString()
          .replace(/^\s*\n/, '')
          .trimEnd(),
      }))
      .filter(({ text }) => text.trim() !== '');
  }
}
