import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asTestcastError, TestcastHttp, type Environment } from '@testcast/client/node';
import { exitCodes } from './exit-codes.ts';
import { Patience } from './patience.ts';
import { Progress } from './progress.ts';
import { findReportFiles, type ReportFile } from './report-files.ts';
import { sendFile } from './send-file.ts';
import { uploadSettingsOf, type UploadOptions } from './settings.ts';
import type { FileOutcome, Io, UploadOutcome } from './upload-outcome.ts';
import { jsonOf, linesOf } from './upload-summary.ts';

const countsWithinMs = 5_000;
const countsEveryMs = 100;

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

function isComplete({ files, missing }: UploadOutcome): boolean {
  return missing.length === 0 && files.every((file) => file.status === 'sent' && file.rejected === 0);
}

function isInTheRun(file: FileOutcome): boolean {
  return file.status === 'sent' && (file.rejected === 0 || file.accepted + file.duplicates > 0);
}

/** `junit.xml`, or `junit.xml and 3 more`. */
function nameOf([first, ...more]: readonly ReportFile[]): string {
  const name = path.basename(first!.path).slice(0, 100);
  return more.length === 0 ? name : `${name} and ${more.length} more`;
}

class Uploading {
  private readonly outcome: UploadOutcome;
  private readonly options: UploadOptions;
  private readonly io: Io;
  private readonly http: TestcastHttp;
  private readonly patience: Patience;
  private readonly progress: Progress;
  private readonly run: { projectId: string; runId: string };
  /** Somebody had begun the run before. */
  private wasThere = false;
  private nameOfFiles = '';
  private projectWasThere = true;
  private hasBegun = false;
  private hasEnded = false;
  /** Where the run ended in its stream. */
  private endedAt = 0;

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
      await this.look();
      this.nameOfFiles = nameOf(files);
      if (this.options.finish === true) await this.begin();
      for (const file of files) {
        const sent = await this.file(file);
        this.outcome.files.push(sent);
        // Not before something is in it: a run that nobody ends would be shown as running, with no test.
        if (!this.hasBegun && isInTheRun(sent)) await this.begin();
      }
      if (this.options.finish === true) await this.end();
    } catch (error) {
      this.outcome.failure = asTestcastError(error);
      for (const file of files.slice(this.outcome.files.length)) this.outcome.files.push(this.failed(file.path, error));
    }
    this.outcome.left = this.leftOpen();
    this.outcome.finishing = this.options.finish === true;
    this.outcome.newProject = this.madeProject() || undefined;
    await this.readCounts();
  }

  /** Tells before a large file is sent that a token is wrong, and before it is made that a project is new. */
  private async look(): Promise<void> {
    try {
      await this.patience.until((options) => this.http.getRun(this.run, options));
      this.wasThere = true;
    } catch (error) {
      const { code } = asTestcastError(error);
      if (code === 'project.unknown') this.projectWasThere = false;
      // A token that may only write finds out by writing.
      else if (code !== 'run.unknown' && code !== 'auth.forbidden') throw error;
    }
  }

  private async begin(): Promise<void> {
    const { ci, isNewRun, shardId, rerun, variant } = this.outcome.settings;
    // People look for the report that they sent, and do not know an id that was made for it.
    const description = isNewRun ? { name: this.nameOfFiles, ...ci.description } : ci.description;
    await this.patience.until((options) => this.http.startRun(this.run, description, options));
    this.hasBegun = true;
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
    if (shardId === undefined) {
      const claim = isComplete(this.outcome) ? {} : { status: 'interrupted' as const };
      const { offset } = await this.patience.until((options) => this.http.finishRun(this.run, claim, options));
      this.endedAt = offset;
    } else if (isComplete(this.outcome)) {
      const item = { kind: 'shard.finished' as const, at: Date.now(), shardId, rerun };
      await this.patience.until((options) => this.http.reportResults(this.run, [item], {}, options));
    } else return;
    this.hasEnded = true;
  }

  /** A file that is refused for what is in it makes the project too. */
  private madeProject(): boolean {
    if (this.projectWasThere) return false;
    return this.hasBegun || this.outcome.files.some((file) => 'error' in file && file.error.code.startsWith('report.'));
  }

  private leftOpen(): UploadOutcome['left'] {
    const { settings, failure } = this.outcome;
    if (isComplete(this.outcome) && failure === undefined) return undefined;
    if (!this.hasBegun) return this.wasThere || failure !== undefined ? undefined : 'no run';
    if (this.options.finish !== true) return 'open run';
    if (this.hasEnded) return 'interrupted run';
    return settings.shardId === undefined ? 'open run' : 'open shard';
  }

  /**
   * The run's counts trail what was sent by a moment. Those of before would tell of a rerun that failed what the first run
   * was: the line rather does without, after some seconds of waiting.
   */
  private async readCounts(): Promise<void> {
    const sent = this.outcome.files.filter((file) => file.status === 'sent');
    if (sent.length === 0) return;
    const reached = Math.max(this.endedAt, ...sent.map(({ offset = 0 }) => offset));
    for (const end = Date.now() + countsWithinMs; Date.now() < end; await delay(countsEveryMs)) {
      try {
        const { version, counts } = await this.http.getRun(this.run, { timeoutMs: 2000 });
        if (version < reached) continue;
        this.outcome.counts = counts;
        return;
      } catch {
        // A token that may only write: the files have been sent all the same.
        return;
      }
    }
  }

  private note(text: string): void {
    this.progress.clear();
    if (this.options.quiet !== true) this.io.stderr.write(`${text}\n`);
  }
}
