import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { type ExportedEvent, exportedEventSchema, type ExportHeader, exportHeaderSchema } from './run-export-format.ts';

/** What an export holds. */
export interface RunExportCounts extends ExportHeader {
  /** Events by type. */
  readonly types: Readonly<Record<string, number>>;
  /** Events with a detail: stack, snippet, steps. */
  readonly details: number;
}

/**
 * Reads an export to its end, and hands on each event. Throws an Error with the line when the file is cut off, damaged, of
 * another format, or does not hold what its first line says.
 */
export async function readRunExport(
  file: string,
  onEvent: (event: ExportedEvent) => void = () => undefined,
): Promise<RunExportCounts> {
  let header: ExportHeader | undefined;
  let [line, details, last] = [0, 0, { stream: '', version: 0 }];
  const types: Record<string, number> = {};
  const streams = new Set<string>();
  for await (const text of textLines(file)) {
    line += 1;
    if (header === undefined) {
      header = parse(exportHeaderSchema, text, line);
      continue;
    }
    const event = parse(exportedEventSchema, text, line);
    const expected = event.stream === last.stream ? last.version + 1 : 1;
    if (event.version !== expected) throw wrong(line, `version ${event.version} where ${expected} would follow`);
    last = event;
    streams.add(event.stream);
    types[event.type] = (types[event.type] ?? 0) + 1;
    if (event.detail !== undefined) details += 1;
    onEvent(event);
  }
  if (header === undefined) throw wrong(1, 'the file is empty');
  if (line - 1 !== header.events || streams.size !== header.streams) {
    throw wrong(line, `it ends after ${line - 1} of ${header.events} events`);
  }
  return { ...header, types, details };
}

async function* textLines(file: string): AsyncGenerator<string> {
  const plain = createReadStream(file).on('error', (error) => unpacked.destroy(error));
  const unpacked = plain.pipe(createGunzip());
  // Through an iterator, since readline says nothing of an error of what it reads.
  const lines = createInterface({ input: Readable.from(chunks(unpacked)), crlfDelay: Infinity });
  let failure: Error | undefined;
  async function* chunks(source: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) yield chunk as Buffer;
    } catch (error) {
      failure = error as Error;
    }
  }
  yield* lines;
  if (failure !== undefined) throw new Error(`The file cannot be read: ${failure.message}.`);
}

function parse<T>(schema: z.ZodType<T>, text: string, line: number): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong(line, 'it is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw wrong(line, `${parsed.error.issues[0]!.path.join('.')} ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

const wrong = (line: number, what: string): Error => new Error(`The file is no whole export. Line ${line}: ${what}.`);
