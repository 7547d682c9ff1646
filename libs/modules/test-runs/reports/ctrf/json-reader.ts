import Parser from 'stream-json/Parser.js';
import { BoundedText } from '../format/bounded-text.ts';
import { refused, truncated, unreadable } from '../format/report-errors.ts';
import { repaired } from '../format/repaired-text.ts';

export type JsonScalar = string | number | boolean | null;

/** What a JSON document is made of, in order. */
export interface JsonHandler {
  begin(kind: 'object' | 'array'): void;
  close(): void;
  key(name: string): void;
  scalar(value: JsonScalar): void;
  /** Characters that are kept of the string that begins now; a longer one loses its middle. */
  readonly stringLimit: number;
}

interface Token {
  name: string;
  value?: JsonScalar;
}

const limits = { depth: 64, key: 256, number: 64 };

// The state of stream-json's parser, which tells no position: it is read to find the place of a mistake.
interface State {
  _expect: string;
  _stack: string[];
  _parent: string;
  _open_number: boolean;
  _buffer: string;
}
const stateFields = ['_expect', '_stack', '_parent', '_open_number', '_buffer'] as const;

/** The parser without the stream around it: tokens go to a function at once, and mistakes are answered. */
class Tokens extends Parser {
  constructor(private readonly receive: (token: Token) => void) {
    super({ packValues: false });
  }

  get state(): State {
    return this as unknown as State;
  }

  override push(token: unknown): boolean {
    this.receive(token as Token);
    return true;
  }

  /** Answers the mistake, if there is one. */
  feed(text: string): Error | undefined {
    let mistake: Error | undefined;
    this._transform(text, 'utf8', (error) => (mistake = error ?? undefined));
    return mistake;
  }

  finish(): Error | undefined {
    let mistake: Error | undefined;
    this._flush((error) => (mistake = error ?? undefined));
    return mistake;
  }
}

/** Reads JSON as it streams, at flat memory: long strings are cut while they come, depth is bounded. */
export class JsonReader {
  private readonly tokens = new Tokens((token) => this.receive(token));
  private readonly place = { line: 1, column: 1 };
  private text: BoundedText | undefined;
  private depth = 0;
  /** Tokens of the present piece, but for pieces of strings, whose number depends on how the text is fed. */
  private received = 0;
  private refusal: string | undefined;

  constructor(private readonly handler: JsonHandler) {}

  /** For the handler: what it has just been told is too much. */
  refuse(message: string): never {
    this.refusal = message;
    throw new Error(message);
  }

  write(text: string): void {
    const before = { ...this.tokens.state, _stack: [...this.tokens.state._stack] };
    const whole = before._buffer + text;
    this.received = 0;
    try {
      if (this.tokens.feed(text) !== undefined)
        throw unreadable('This is not JSON', this.placeIn(before, text, Infinity));
    } catch (error) {
      if (this.refusal === undefined) throw error;
      throw refused(this.refusal, this.placeIn(before, text, this.received));
    }
    this.advance(whole, whole.length - this.tokens.state._buffer.length);
  }

  /** Throws `report.truncated` unless the document is whole. */
  end(): void {
    const rest = this.tokens.state._buffer;
    if (this.tokens.finish() === undefined) return;
    // A value or an escape that is cut off, as against something that is none.
    if (!/^(?:|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|\\(?:u[\da-f]{0,3})?)$/i.test(rest)) {
      throw unreadable('This is not JSON', this.place);
    }
    this.advance(rest, rest.length);
    throw truncated(this.place);
  }

  private receive({ name, value }: Token): void {
    if (!isPiece(name)) this.received += 1;
    switch (name) {
      case 'startObject':
      case 'startArray':
        this.depth += 1;
        if (this.depth > limits.depth) this.refuse(`Values are nested more than ${limits.depth} deep`);
        return this.handler.begin(name === 'startObject' ? 'object' : 'array');
      case 'endObject':
      case 'endArray':
        this.depth -= 1;
        return this.handler.close();
      case 'startKey':
        return this.collect(limits.key);
      case 'startString':
        return this.collect(this.handler.stringLimit);
      case 'startNumber':
        return this.collect(limits.number);
      case 'stringChunk':
      case 'numberChunk':
        return this.text!.append(value as string);
      case 'endKey':
        return this.handler.key(this.collected());
      case 'endString':
        return this.handler.scalar(this.collected());
      case 'endNumber':
        return this.handler.scalar(Number(this.collected()));
      default:
        return this.handler.scalar(value as JsonScalar);
    }
  }

  private collect(limit: number): void {
    this.text = new BoundedText(limit);
  }

  private collected(): string {
    const text = repaired(this.text!.toString()).text;
    this.text = undefined;
    return text;
  }

  // Once more from before the piece, character by character, up to the mistake or the nth token: what is then left over
  // begins with it.
  private placeIn(before: State, text: string, nth: number): { line: number; column: number } {
    const seen = { tokens: 0 };
    const again = new Tokens(({ name }) => (seen.tokens += isPiece(name) ? 0 : 1));
    for (const field of stateFields) Object.assign(again.state, { [field]: before[field] });
    let fed = 0;
    while (fed < text.length && again.feed(text[fed]!) === undefined && seen.tokens < nth) fed += 1;
    const read = before._buffer + text.slice(0, fed + 1);
    this.advance(read, read.length - again.state._buffer.length - (seen.tokens < nth ? 0 : 1));
    return this.place;
  }

  private advance(text: string, length: number): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1 && at < length; at = text.indexOf('\n', from)) {
      this.place.line += 1;
      this.place.column = 1;
      from = at + 1;
    }
    this.place.column += length - from;
  }
}

function isPiece(token: string): boolean {
  return token === 'stringChunk' || token === 'numberChunk';
}
