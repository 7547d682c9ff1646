import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ReportProblem, TestcastHttp } from '@testcast/client/node';
import { limits, type ItemResult, type ReportContext, type RunRef } from '@testcast/contracts';
import type { Patience } from './patience.ts';
import type { ReportFile } from './report-files.ts';

export interface SentFile {
  tests: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** The last one in the run's stream of what was sent. */
  offset?: number | undefined;
  problems: ReportProblem[];
}

export interface Sender {
  http: TestcastHttp;
  run: RunRef;
  context: ReportContext;
  patience: Patience;
  onProgress: (sent: number) => void;
}

/** Sends one file: a report as it is, streamed from disk, or NDJSON of result items in batches. Throws TestcastError. */
export function sendFile(file: ReportFile, sender: Sender): Promise<SentFile> {
  return /\.(ndjson|jsonl)$/i.test(file.path) ? sendItems(file, sender) : sendReport(file, sender);
}

function sendReport(file: ReportFile, { http, run, context, patience, onProgress }: Sender): Promise<SentFile> {
  return patience.until((options) => http.sendReport(run, streamOf(file.path, onProgress), context, options));
}

/** From the beginning for each attempt: a stream that was sent in part is spent. */
function streamOf(path: string, onProgress: (sent: number) => void): ReadableStream<Uint8Array> {
  const chunks = createReadStream(path)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) return controller.close();
      sent += value.length;
      onProgress(sent);
      controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

async function sendItems(file: ReportFile, sender: Sender): Promise<SentFile> {
  const tests = new Set<string>();
  const total: SentFile = { tests: 0, accepted: 0, duplicates: 0, rejected: 0, problems: [] };
  let sent = 0;
  for await (const batch of batchesOf(file.path)) {
    const body = batch.map(({ text }) => text).join('\n');
    const { results } = await sender.patience.until((options) =>
      sender.http.reportResults(sender.run, body, sender.context, options),
    );
    batch.forEach(({ text, line }, index) => {
      count(total, results[index], line);
      const testId = testIdOf(text);
      if (testId !== undefined) tests.add(testId);
    });
    sent += Buffer.byteLength(body);
    sender.onProgress(sent);
  }
  return { ...total, tests: tests.size };
}

interface Line {
  text: string;
  /** From 1. */
  line: number;
}

async function* batchesOf(path: string): AsyncGenerator<Line[]> {
  const file = await open(path);
  try {
    let batch: Line[] = [];
    let bytes = 0;
    let number = 0;
    for await (const text of file.readLines({ encoding: 'utf8' })) {
      number += 1;
      if (text.trim() === '') continue;
      const size = Buffer.byteLength(text) + 1;
      if (batch.length > 0 && (batch.length >= limits.batchItems || bytes + size > limits.batchBytes)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push({ text, line: number });
      bytes += size;
    }
    if (batch.length > 0) yield batch;
  } finally {
    await file.close();
  }
}

function count(total: SentFile, result: ItemResult | undefined, line: number): void {
  if (result !== undefined && result.status !== 'rejected') total.offset = Math.max(total.offset ?? 0, result.offset);
  if (result?.status === 'appended') total.accepted += 1;
  else if (result?.status === 'duplicate') total.duplicates += 1;
  else {
    total.rejected += 1;
    if (total.problems.length < 100) total.problems.push({ ...(result?.error ?? noAnswer), line });
  }
}

const noAnswer = { code: 'response.unreadable', message: 'The server did not answer for this line.' };

function testIdOf(text: string): string | undefined {
  try {
    const { testId, variant = '' } = JSON.parse(text) as { testId?: unknown; variant?: unknown };
    return typeof testId === 'string' ? `${testId}\u0000${String(variant)}` : undefined;
  } catch {
    // The server has rejected it, with its reason.
    return undefined;
  }
}
