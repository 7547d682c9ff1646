import { TestcastHttp } from '../http/testcast-http.ts';
import { uuidV7 } from '../uuid-v7.ts';
import { Backlog } from './backlog.ts';
import { lineOf } from './item-line.ts';
import type { CloseOptions, Reporter, ReporterOptions, ReportTotals } from './reporter.ts';
import { ResultSender } from './result-sender.ts';

/** A reporter for one run, or one shard of it. With a shardId the shard's start and end are told by themselves. */
export function createReporter(options: ReporterOptions): Reporter {
  const run = { projectId: options.projectId, runId: options.runId ?? uuidV7() };
  const { shardId, variant, rerun, shard } = options;
  const backlog = new Backlog(
    { items: options.memory?.items ?? 10_000, bytes: options.memory?.bytes ?? 16 * 1024 * 1024 },
    options.openSpill,
  );
  const problem = (code: string, message: string, item?: string): void => {
    try {
      options.onProblem?.({ code, message, item });
    } catch {
      // A reporter never throws into a suite, whatever its observer does.
    }
  };
  const sender = new ResultSender({
    http: new TestcastHttp(options),
    run,
    context: { shardId, variant, rerun },
    description: options.description,
    batchItems: options.batch?.items ?? 100,
    batchMs: options.batch?.ms ?? 100,
    backoff: options.backoff,
    backlog,
    problem,
  });
  let total = 0;
  let rejectedHere = 0;
  let closing: Promise<ReportTotals> | undefined;

  const totals = (): ReportTotals => ({
    total,
    sent: sender.sent,
    rejected: sender.rejected + rejectedHere,
    dropped: backlog.dropped,
    pending: sender.pending,
    refusal: sender.refusal,
  });

  const report: Reporter['report'] = (item) => {
    total += 1;
    if (closing !== undefined) {
      rejectedHere += 1;
      return problem('reporter.closed', 'The reporter has been closed.');
    }
    try {
      sender.push(lineOf({ ...item, at: item.at ?? Date.now() }));
    } catch (error) {
      rejectedHere += 1;
      problem('item.invalid', `The item cannot be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  async function close({ timeoutMs = 10_000, finish }: CloseOptions): Promise<ReportTotals> {
    const claim = finish === true ? {} : finish === false ? undefined : finish;
    const left = await sender.drain(timeoutMs, shardId === undefined ? claim : undefined);
    // Counted before what waits is moved out.
    const result = totals();
    if (result.pending > 0) result.keptIn = backlog.keep(left);
    if (result.keptIn === undefined) backlog.discard();
    return result;
  }

  if (shardId !== undefined) report({ kind: 'shard.started', shardId, variant, rerun, ...shard });
  return {
    run,
    get totals() {
      return totals();
    },
    report,
    close: (closeOptions = {}) => {
      if (closing === undefined) {
        if (shardId !== undefined) report({ kind: 'shard.finished', shardId, rerun });
        closing = close(closeOptions);
      }
      return closing;
    },
  };
}
