import { asTestcastError, createClient, watchRun, type Environment, type TestcastClient } from '@testcast/client/node';
import type { RoomEvent, RunEventData, RunRef, RunSummary } from '@testcast/contracts';
import { exitCodes } from './exit-codes.ts';
import { Outage } from './outage.ts';
import { runIdOf, serverOf, type ServerOptions } from './settings.ts';
import { StatusLine } from './status-line.ts';
import type { Io } from './upload-outcome.ts';

const marks = { passed: '✓', failed: '✕', timedOut: '✕', skipped: '–', interrupted: '⊘' } as const;

/** `testcast watch`: one line a finished attempt, until the run has ended. Answers with 0 when it passed. */
export async function watch(runId: string, options: ServerOptions, env: Environment, io: Io): Promise<number> {
  const { projectId, tokenFrom: _, ...server } = serverOf(options, env);
  const run = { projectId, runId: runIdOf(runId) };
  const client = createClient(server);
  const print = (text: string): unknown => options.quiet === true || io.stdout.write(`${text}\n`);
  const outage = new Outage({ line: new StatusLine(io.stderr) });
  void sayThatItWaits(client, run, io);
  return new Promise<number>((resolve) => {
    const finish = (exitCode: number, reason?: string): void => {
      outage.end();
      if (reason !== undefined) io.stderr.write(`${reason}\n`);
      watching.close();
      client.connection.close();
      resolve(exitCode);
    };
    const watching = watchRun(client, run, {
      rows: () => undefined,
      loading: () => undefined,
      reset: () => undefined,
      event: (event) => {
        const line = options.json === true ? JSON.stringify(event) : lineOf(event);
        if (line !== undefined) print(line);
      },
      state: (state) => {
        if (state.name === 'offline') return outage.failed(state.reason);
        if (state.name === 'live') return outage.over();
        if (state.name === 'catchingUp' && state.behind !== undefined) return outage.over(behindOf(state.behind));
        if (state.name !== 'closed') return;
        finish(exitCodes.notAll, state.reason);
      },
      summary: (summary) => {
        if (summary.status === 'running') return;
        print(options.json === true ? JSON.stringify(summary) : endOf(summary));
        finish(summary.status === 'passed' ? exitCodes.ok : exitCodes.notAll);
      },
      ended: (error) => {
        finish(exitCodes.notAll, error.message);
      },
    });
  });
}

/** Without it a mistyped run is watched in silence for ever. Whatever else is wrong, the watch itself says. */
async function sayThatItWaits({ http }: TestcastClient, run: RunRef, io: Io): Promise<void> {
  try {
    await http.getRun(run);
  } catch (error) {
    if (asTestcastError(error).code !== 'run.unknown') return;
    io.stderr.write(`waiting for run ${run.runId} of project ${run.projectId} to begin (Ctrl-C ends it)\n`);
  }
}

function behindOf(behind: number): string {
  return behind === 1 ? '1 event to catch up with' : `${behind} events to catch up with`;
}

function lineOf({ type, data }: RoomEvent): string | undefined {
  if (type !== 'test.finished') return undefined;
  const { status, testId, variant, durationMs, attempt, error } = data as RunEventData['test.finished'];
  const notes = [variant, attempt > 1 ? `attempt ${attempt}` : ''].filter((note) => note !== '');
  const noted = notes.length === 0 ? '' : ` [${notes.join(', ')}]`;
  const why = error === undefined ? '' : `\n    ${error.message.split('\n')[0]}`;
  return `${marks[status]} ${testId}${noted} (${durationMs} ms)${why}`;
}

function endOf({ status, counts }: RunSummary): string {
  const { tests, passed, failed, flaky, skipped, pending } = counts;
  return `${status}: ${tests} tests, ${passed} passed, ${failed} failed, ${flaky} flaky, ${skipped} skipped, ${pending} pending`;
}
