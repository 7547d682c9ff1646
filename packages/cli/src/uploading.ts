import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asTestcastError, TestcastHttp } from '@testcast/client/node';
import { Outage } from './outage.ts';
import { Patience } from './patience.ts';
import { Progress, sizeOf } from './progress.ts';
import type { ReportFile } from './report-files.ts';
import { sendFile } from './send-file.ts';
import type { UploadOptions } from './settings.ts';
import { nowhere, StatusLine } from './status-line.ts';
import type { FileOutcome, Io, UploadOutcome } from './upload-outcome.ts';

const countsWithinMs = 5_000;
const countsEveryMs = 100;

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

/** Sends the files of one command, and begins and ends their run or shard around them. */
export class Uploading {
  private readonly outcome: UploadOutcome;
  private readonly options: UploadOptions;
  private readonly http: TestcastHttp;
  private readonly patience: Patience;
  private readonly progress: Progress;
  private readonly run: { projectId: string; runId: string };
  /** Of which nothing has been sent yet. */
  private left: readonly ReportFile[] = [];
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
    this.run = { projectId: settings.projectId, runId: settings.runId };
    this.http = new TestcastHttp({ url: settings.url, token: settings.token });
    const line = new StatusLine(options.quiet === true ? nowhere : io.stderr);
    this.progress = new Progress(options.json === true ? new StatusLine(nowhere) : line);
    const outage = new Outage({ line });
    this.patience = new Patience(settings.timeoutMs, {
      failed: ({ message }) => outage.failed(message),
      answered: () => outage.over(this.waiting()),
      gaveUp: () => outage.end(),
    });
  }

  async all(files: readonly ReportFile[]): Promise<void> {
    if (files.length === 0) return;
    this.left = files;
    try {
      await this.look();
      this.nameOfFiles = nameOf(files);
      if (this.options.finish === true) await this.begin();
      for (const file of files) {
        this.left = this.left.slice(1);
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

  private waiting(): string {
    const { length } = this.left;
    if (length === 0) return '';
    const bytes = this.left.reduce((sum, file) => sum + file.bytes, 0);
    return `${length === 1 ? '1 file waits' : `${length} files wait`} to be sent (${sizeOf(bytes)})`;
  }
}
