import { TextDecoder } from 'node:util';
import type { ReportProblems } from './report-problems.ts';

// An XML declaration with an encoding fits into far less.
const enough = 512;

/**
 * Bytes to text: by byte order mark, by the zero bytes of UTF-16 without one, by the encoding that an XML declaration
 * names, else UTF-8. What cannot be decoded becomes U+FFFD and is counted.
 */
export class TextDecoding {
  private start: Buffer | undefined = Buffer.alloc(0);
  private decoder: TextDecoder | undefined;
  private replaced = 0;

  constructor(private readonly problems: ReportProblems) {}

  write(bytes: Uint8Array): string {
    if (this.decoder !== undefined) return this.count(this.decoder.decode(bytes, { stream: true }));
    this.start = Buffer.concat([this.start!, bytes]);
    return this.start.length < enough ? '' : this.begin({ stream: true });
  }

  end(): string {
    const rest = this.decoder === undefined ? this.begin({ stream: false }) : this.count(this.decoder.decode());
    if (this.replaced > 0) {
      this.problems.add(
        `${this.replaced} characters are not of the encoding ${this.decoder!.encoding} and were replaced.`,
      );
    }
    return rest;
  }

  private begin(options: { stream: boolean }): string {
    const start = this.start!;
    this.start = undefined;
    this.decoder = this.decoderFor(start);
    return this.count(this.decoder.decode(start, options));
  }

  private decoderFor(start: Buffer): TextDecoder {
    const [a, b] = start;
    if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le');
    if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be');
    if (a !== undefined && a !== 0 && b === 0) return new TextDecoder('utf-16le');
    if (a === 0 && b !== undefined && b !== 0) return new TextDecoder('utf-16be');
    const label = /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(
      start.toString('latin1'),
    )?.[1];
    if (label === undefined) return new TextDecoder('utf-8');
    // .NET writes "utf-16" into files that it then saves as UTF-8: a declaration that can be read byte by byte is not UTF-16.
    if (/^utf-?16|^ucs-?2/i.test(label)) return new TextDecoder('utf-8');
    try {
      return new TextDecoder(label);
    } catch {
      this.problems.add(`The encoding "${label}" is not known; the file was read as UTF-8.`, 1);
      return new TextDecoder('utf-8');
    }
  }

  private count(text: string): string {
    for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', at + 1)) this.replaced += 1;
    return text;
  }
}
