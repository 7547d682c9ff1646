import { asTestcastError, createClient, watchRun, type Environment, type TestcastClient } from '@testcast/client/node';
import type { RoomEvent, RunEventData, RunRef, RunSummary } from '@testcast/contracts';
import { exitCodes } from './exit-codes.ts';
import { runIdOf, serverOf, type ServerOptions } from './settings.ts';
import type { Io } from './upload-outcome.ts';

const marks = { passed: '✓', failed: '✕', timedOut: '✕', skipped: '–', interrupted: '⊘' } as const;

/** `testcast watch`: one line a finished attempt, until the run has ended. Answers with 0 when it passed. */
export async function watch(runId: string, options: ServerOptions, env: Environment, io: Io): Promise<number> {
  const { projectId, tokenFrom: _, ...server } = serverOf(options, env);
  const run = { projectId, runId: runIdOf(runId) };
  const client = createClient(server);
  const print = (text: string): unknown => options.quiet === true || io.stdout.write(`${text}\n`);
  void sayThatItWaits(client, run, io);
  return new Promise<number>((resolve) => {
    const finish = (exitCode: number): void => {
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
        if (state.name === 'offline') io.stderr.write(`offline: ${state.reason}\n`);
        if (state.name !== 'closed') return;
        io.stderr.write(`${state.reason}\n`);
        finish(exitCodes.notAll);
      },
      summary: (summary) => {
        if (summary.status === 'running') return;
        print(options.json === true ? JSON.stringify(summary) : endOf(summary));
        finish(summary.status === 'passed' ? exitCodes.ok : exitCodes.notAll);
      },
      ended: (error) => {
        io.stderr.write(`${error.message}\n`);
        finish(exitCodes.notAll);
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
