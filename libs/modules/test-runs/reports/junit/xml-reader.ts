import sax, { type SAXParser } from 'sax';
import { DomainError } from '#platform/kernel';
import { refused, truncated, unreadable } from '../format/report-errors.ts';
import type { ReportProblems } from '../format/report-problems.ts';
import { repaired, withoutBrokenPairs } from '../format/repaired-text.ts';

export interface XmlElement {
  /** Without its prefix, in lower case. */
  name: string;
  /** As it stands in the file. */
  written: string;
  /** By name in lower case; those with a prefix are left out. */
  attributes: ReadonlyMap<string, string>;
  line: number;
  column: number;
}

/** What a document is made of, in order. */
export interface XmlHandler {
  open(element: XmlElement): void;
  /** A piece of text or CDATA; one text may come in any number of pieces. */
  text(piece: string): void;
  comment(text: string): void;
  close(): void;
}

const limits = {
  depth: 100,
  attributes: 1000,
  name: 1000,
  attribute: 128 * 1024,
  attributesOfElement: 1024 * 1024,
  text: 64 * 1024,
};

// What sax collects until the end of a token, and lets grow without end. Its own check of MAX_BUFFER_LENGTH is global,
// and refuses attributes over 64 KiB, which test runners do write.
interface Buffers {
  attribValue: string;
  textNode: string;
  cdata: string;
  comment: string;
  procInstBody: string;
  procInstName: string;
  sgmlDecl: string;
  doctype: string | true;
  tagName: string;
  attribName: string;
  entity: string;
  bufferCheckPosition: number;
  c: string;
  startTagPosition: number;
}

// Mistakes that tools make and that leave no doubt about what is markup. The last character tells the doubtful ones:
// after "&<" or '&"' sax takes the markup itself for text, and "--->" does not end a comment for it.
const repairable: Record<string, RegExp> = {
  'Invalid character entity': /./su,
  'Invalid character in entity name': /[^<"'&]/u,
  'Malformed comment': /[^-]/u,
};

/** Reads XML as it streams, at flat memory: nothing is expanded, nothing outside the file is read, every length is bounded. */
export class XmlReader {
  private readonly parser: SAXParser & Buffers;
  private attributes = new Map<string, string>();
  private seen = new Set<string>();
  private attributesLength = 0;
  private depth = 0;
  private roots = 0;
  private ending = false;
  private repairs = { count: 0, line: 0, column: 0 };

  constructor(
    private readonly handler: XmlHandler,
    private readonly problems: ReportProblems,
  ) {
    this.parser = sax.parser(true, { position: true }) as unknown as SAXParser & Buffers;
    this.parser.bufferCheckPosition = Infinity;
    this.parser.ENTITIES = entities();
    this.parser.onopentagstart = () => this.beginElement();
    this.parser.onattribute = ({ name, value }) => this.takeAttribute(name, value);
    this.parser.onopentag = ({ name }) => this.open(name);
    this.parser.onclosetag = () => this.close();
    this.parser.ontext = (text) => this.handler.text(this.repair(text));
    this.parser.oncdata = (text) => this.handler.text(this.repair(text));
    this.parser.oncomment = (text) => this.handler.comment(text);
    this.parser.ondoctype = () => this.refuse('A document type is not taken');
    this.parser.onsgmldeclaration = () => this.refuse('A declaration is not taken');
    this.parser.onerror = (error) => this.judge(error);
  }

  get place(): { line: number; column: number } {
    return { line: this.parser.line + 1, column: this.parser.column };
  }

  write(text: string): void {
    this.guarded(() => this.parser.write(text));
    this.bound();
  }

  /** Throws `report.truncated` unless the document is whole. */
  end(): void {
    this.ending = true;
    const place = this.place;
    if (this.roots === 0 || this.depth > 0) throw truncated(place);
    this.guarded(() => this.parser.close());
    const { count, line, column } = this.repairs;
    if (count > 0)
      this.problems.add(`${count} characters that XML does not allow were repaired; this is the first.`, line, column);
  }

  private beginElement(): void {
    this.attributes = new Map();
    this.seen = new Set();
    this.attributesLength = 0;
  }

  private takeAttribute(name: string, value: string): void {
    // Taken out of the tag, because sax drops the second of two attributes of one name without a word, and a test
    // would pass or fail by which of two statuses came first.
    delete this.parser.tag.attributes[name];
    if (this.seen.has(name)) throw unreadable(`The attribute ${name} stands twice in one element`, this.place);
    if (this.seen.size >= limits.attributes) this.refuse(`An element has more than ${limits.attributes} attributes`);
    this.boundName(name);
    this.seen.add(name);
    const kept = shortened(value);
    this.attributesLength += kept.length;
    if (this.attributesLength > limits.attributesOfElement) this.refuse('An element has more than 1 MiB of attributes');
    const key = name.toLowerCase();
    if (!name.includes(':') && !this.attributes.has(key)) this.attributes.set(key, this.repair(kept));
  }

  private open(name: string): void {
    if (this.depth === 0) this.roots += 1;
    if (this.roots > 1) throw unreadable('There is more than one root element', this.place);
    this.boundName(name);
    this.depth += 1;
    if (this.depth > limits.depth) this.refuse(`Elements are nested more than ${limits.depth} deep`);
    this.handler.open({ name: localName(name), written: name, attributes: this.attributes, ...this.place });
  }

  private close(): void {
    this.depth -= 1;
    this.handler.close();
  }

  // Between two writes: hands on the texts that have grown long and cuts what nobody reads.
  private bound(): void {
    const { parser } = this;
    if (parser.textNode.length > limits.text || parser.cdata.length > limits.text) parser.flush();
    // The sign keeps the rest from being read as a comment of its own.
    if (parser.comment.length > limits.text) parser.comment = '…';
    if (parser.procInstBody.length > limits.text) parser.procInstBody = '';
    if (parser.attribValue.length > 2 * limits.attribute) {
      parser.attribValue =
        parser.attribValue.slice(0, limits.attribute / 2) + parser.attribValue.slice(-limits.attribute / 2);
    }
    if (typeof parser.doctype === 'string' && parser.doctype.length > limits.name)
      this.refuse('A document type is not taken');
    for (const name of [parser.tagName, parser.attribName, parser.entity, parser.procInstName, parser.sgmlDecl]) {
      this.boundName(name);
    }
  }

  private boundName(name: string): void {
    if (name.length > limits.name) this.refuse(`A name is longer than ${limits.name} characters`);
  }

  private judge(error: Error): void {
    const message = error.message.split('\n', 1)[0]!;
    if (this.ending) throw truncated(this.place);
    if (repairable[message]?.test(this.parser.c) !== true) throw unreadable(message.replace(/\.$/, ''), this.place);
    this.noteRepair(1);
    (this.parser as { error: Error | null }).error = null;
  }

  private repair(text: string): string {
    const { text: clean, replaced } = repaired(text);
    const escapes = clean.includes('\u001b') ? clean.split('\u001b').length - 1 : 0;
    if (replaced + escapes > 0) this.noteRepair(replaced + escapes);
    return clean;
  }

  private noteRepair(count: number): void {
    if (this.repairs.count === 0) Object.assign(this.repairs, this.place);
    this.repairs.count += count;
  }

  private refuse(message: string): never {
    throw refused(message, this.place);
  }

  // A hostile document may make the parser itself stumble; that is the document's fault and not the server's.
  private guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw error instanceof DomainError ? error : unreadable('The XML cannot be read', this.place);
    }
  }
}

// A value that has been cut while it came ends up here as long as the limit or longer, and is cut once more, to what does
// not depend on when that was.
function shortened(value: string): string {
  if (value.length < limits.attribute) return value;
  const part = limits.attribute / 4;
  return withoutBrokenPairs(`${value.slice(0, part)}…${value.slice(-part)}`);
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

// The five of XML and the names of HTML that tools write without declaring them, without a prototype: "&constructor;"
// is no entity. Control characters by number are not XML either, but it is known what was meant.
function entities(): Record<string, string> {
  const known = Object.assign(Object.create(null) as Record<string, string>, namedEntities());
  for (let code = 0; code < 0x20; code += 1) {
    const character = String.fromCharCode(code);
    known[`#${code}`] = character;
    known[`#x${code.toString(16)}`] = character;
    known[`#x${code.toString(16).padStart(2, '0')}`] = character;
  }
  return known;
}

function namedEntities(): Record<string, string> {
  const known = (sax as unknown as { ENTITIES: Record<string, string | number> }).ENTITIES;
  return Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      typeof value === 'number' ? String.fromCharCode(value) : value,
    ]),
  );
}
