import { asTestcastError, TestcastHttp, type Environment } from '@testcast/client/node';
import { exitCodes } from './exit-codes.ts';
import { Patience } from './patience.ts';
import { Progress } from './progress.ts';
import { findReportFiles, type ReportFile } from './report-files.ts';
import { sendFile } from './send-file.ts';
import { uploadSettingsOf, type UploadOptions } from './settings.ts';
import type { FileOutcome, Io, UploadOutcome } from './upload-outcome.ts';
import { jsonOf, linesOf } from './upload-summary.ts';

/** `testcast upload`. Throws UsageError; everything else is told and ends in an exit code. */
export async function upload(
  names: readonly string[],
  options: UploadOptions,
  env: Environment,
  io: Io,
): Promise<number> {
  const settings = uploadSettingsOf(options, env);
  const { files, missing } = await findReportFiles(names);
  const outcome: UploadOutcome = { settings, files: [], missing };
  await new Uploading(outcome, options, io).all(files);
  if (options.json === true) io.stdout.write(`${JSON.stringify(jsonOf(outcome))}\n`);
  for (const { text, isError } of linesOf(outcome)) {
    if (isError) io.stderr.write(`${text}\n`);
    else if (options.json !== true && options.quiet !== true) io.stdout.write(`${text}\n`);
  }
  return exitCodeOf(outcome, options, io);
}

function exitCodeOf({ files, missing, failure }: UploadOutcome, { soft }: UploadOptions, io: Io): number {
  const refused =
    missing.length > 0 ||
    failure?.temporary === false ||
    files.some((file) => file.status === 'refused' || (file.status === 'sent' && file.rejected > 0));
  if (refused) return exitCodes.notAll;
  if (failure === undefined && files.every(({ status }) => status === 'sent')) return exitCodes.ok;
  if (soft !== true) return exitCodes.notAll;
  io.stderr.write('warning: the server could not be reached; --soft lets the job pass\n');
  return exitCodes.ok;
}

class Uploading {
  private readonly outcome: UploadOutcome;
  private readonly options: UploadOptions;
  private readonly io: Io;
  private readonly http: TestcastHttp;
  private readonly patience: Patience;
  private readonly progress: Progress;
  private readonly run: { projectId: string; runId: string };

  constructor(outcome: UploadOutcome, options: UploadOptions, io: Io) {
    const { settings } = outcome;
    this.outcome = outcome;
    this.options = options;
    this.io = io;
    this.run = { projectId: settings.projectId, runId: settings.runId };
    this.http = new TestcastHttp({ url: settings.url, token: settings.token });
    this.progress = new Progress(
      options.quiet === true || options.json === true ? { write: () => undefined } : io.stderr,
    );
    this.patience = new Patience(settings.timeoutMs, (error) => this.note(`waiting for the server: ${error.message}`));
  }

  async all(files: readonly ReportFile[]): Promise<void> {
    if (files.length === 0) return;
    try {
      await this.begin();
      for (const file of files) this.outcome.files.push(await this.file(file));
      if (this.options.finish === true) await this.end();
    } catch (error) {
      this.outcome.failure = asTestcastError(error);
      for (const { path } of files.slice(this.outcome.files.length)) this.outcome.files.push(this.failed(path, error));
    }
    await this.readCounts();
  }

  /** Also tells before a large file is sent that a token is wrong. */
  private async begin(): Promise<void> {
    const { ci, shardId, rerun, variant } = this.outcome.settings;
    await this.patience.until((options) => this.http.startRun(this.run, ci.description, options));
    if (this.options.finish !== true || shardId === undefined) return;
    const item = { kind: 'shard.started' as const, at: Date.now(), shardId, rerun, variant, jobUrl: ci.jobUrl };
    await this.patience.until((options) => this.http.reportResults(this.run, [item], {}, options));
  }

  private async file(file: ReportFile): Promise<FileOutcome> {
    const { shardId, variant, rerun } = this.outcome.settings;
    try {
      const sent = await sendFile(file, {
        http: this.http,
        run: this.run,
        context: { shardId, variant, rerun },
        patience: this.patience,
        onProgress: (bytes) => this.progress.show(file.path, bytes, file.bytes),
      });
      return { file: file.path, status: 'sent', ...sent };
    } catch (error) {
      return this.failed(file.path, error);
    } finally {
      this.progress.clear();
    }
  }

  private failed(file: string, cause: unknown): FileOutcome {
    const { temporary, code, message, details } = asTestcastError(cause);
    return { file, status: temporary ? 'unsent' : 'refused', error: { code, message, details } };
  }

  // With a file missing nobody may conclude that everything passed: the run is interrupted, a shard stays open.
  private async end(): Promise<void> {
    const { shardId, rerun } = this.outcome.settings;
    const complete = this.outcome.files.every((file) => file.status === 'sent' && file.rejected === 0);
    if (shardId === undefined) {
      const claim = complete && this.outcome.missing.length === 0 ? {} : { status: 'interrupted' as const };
      await this.patience.until((options) => this.http.finishRun(this.run, claim, options));
    } else if (complete) {
      const item = { kind: 'shard.finished' as const, at: Date.now(), shardId, rerun };
      await this.patience.until((options) => this.http.reportResults(this.run, [item], {}, options));
    }
  }

  /** The run's counts trail what was sent by a moment; after a second of waiting the line does without. */
  private async readCounts(): Promise<void> {
    const sent = this.outcome.files.filter((file) => file.status === 'sent');
    const atLeast = Math.max(0, ...sent.map(({ tests }) => tests));
    if (sent.length === 0) return;
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        const { counts } = await this.http.getRun(this.run, { timeoutMs: 2000 });
        this.outcome.counts = counts;
        if (counts.tests >= atLeast) return;
      } catch {
        // A token that may only write: the files have been sent all the same.
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private note(text: string): void {
    this.progress.clear();
    if (this.options.quiet !== true) this.io.stderr.write(`${text}\n`);
  }
}
