import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type RunRef, rooms } from '@testcast/contracts';
import type { ClosedStream, DetailedEvent, EventStore } from '#platform/event-store';
import type { ExportFile } from './erasures.ts';
import { exportFormat, type ExportHeader } from './run-export-format.ts';

/** Events that are held in memory at once: each may have 64 KiB. */
const pageEvents = 200;
/** Files that nobody finished: of a process that was killed while it wrote. */
const parts = '.parts';
const partsKeptMs = 86_400_000;

export interface RunExportOptions {
  readonly directory: string;
  /** Called now and then while it writes; what it throws ends the export. */
  readonly onPage?: (() => void | Promise<void>) | undefined;
}

/**
 * Writes every event of a run's closed streams to one file. A file that is there is whole: it is written elsewhere, brought
 * to the disk, and then given its name. Again it writes the same bytes.
 */
export async function exportRun(
  store: EventStore,
  ref: RunRef,
  streams: readonly ClosedStream[],
  { directory, onPage }: RunExportOptions,
): Promise<ExportFile> {
  const file = exportFileOf(ref);
  const [target, part] = [path.join(directory, file), path.join(directory, parts, randomUUID())];
  await makeDirectory(path.dirname(part));
  await makeDirectory(path.dirname(target));
  const { epoch } = await store.heads();
  const events = streams.reduce((sum, { version }) => sum + version, 0);
  const header: ExportHeader = { format: exportFormat, ...ref, epoch, streams: streams.length, events };
  try {
    await write(part, lines(store, header, streams, onPage));
    const { size: bytes } = await stat(part);
    await rename(part, target);
    await syncDirectory(path.dirname(target));
    return { file, events, bytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Removes what exports left behind that were killed a day ago or earlier. */
export async function sweepExportParts(directory: string, now: number): Promise<void> {
  const names = await readdir(path.join(directory, parts)).catch(() => []);
  for (const name of names) {
    const file = path.join(directory, parts, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < now - partsKeptMs) await rm(file, { force: true });
  }
}

/** Where a run's file is, below the directory. The hash keeps apart what a file system without cases would take for one. */
export function exportFileOf({ projectId, runId }: RunRef): string {
  const hash = createHash('sha256').update(rooms.run(projectId, runId)).digest('hex').slice(0, 8);
  return path.join(projectId, `${runId}.${hash}.ndjson.gz`);
}

async function* lines(
  store: EventStore,
  header: ExportHeader,
  streams: readonly ClosedStream[],
  onPage: RunExportOptions['onPage'],
): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  for (const { stream, version } of streams) {
    for (let after = 0; after < version;) {
      await onPage?.();
      const page = await detailed(store, stream, after);
      if (page.length === 0) throw new Error(`${stream} ends at ${after}, and its head is ${version}`);
      yield page.map(lineOf).join('');
      after = page.at(-1)!.version;
    }
  }
}

async function detailed(store: EventStore, stream: string, after: number): Promise<DetailedEvent[]> {
  const { events } = await store.readStream(stream, after, { limit: pageEvents, maxBytes: 1024 * 1024 });
  const versions = events.map(({ version }) => version);
  const found = await store.readDetails(stream, versions);
  if (found.length !== events.length) throw new Error(`${stream} has lost events after ${after}`);
  return found;
}

function lineOf({ stream, version, slot, position, eventId, type, at, recordedAt, ...event }: DetailedEvent): string {
  const keys = JSON.stringify({ stream, version, slot, position, eventId, type, at, recordedAt });
  const detail = event.detailJson === null ? '' : `,"detail":${event.detailJson}`;
  return `${keys.slice(0, -1)},"data":${event.dataJson}${detail}}\n`;
}

async function write(file: string, text: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    // A write stream of the handle would keep it open: closing it would never end.
    await pipeline(Readable.from(text), createGzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file is lost with its directory: whatever had to be made is on the disk before data may go from the log. */
async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const above = path.dirname(path.resolve(first));
  for (let made = path.resolve(directory); made !== above; made = path.dirname(made))
    await syncDirectory(path.dirname(made));
}

/** The name is on the disk only with its directory. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
