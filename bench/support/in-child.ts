import { fork } from 'node:child_process';

interface Answer<Result> {
  readonly result?: Result;
  readonly error?: string;
}

/** Runs what `answer` does in the child at `url`: a generator that shared the measured event loop would measure itself. */
export function inChild<Result>(url: URL, options: object): Promise<Result> {
  const child = fork(url, { execArgv: process.execArgv });
  return new Promise((resolve, reject) => {
    child.once('message', ({ result, error }: Answer<Result>) =>
      result === undefined ? reject(new Error(error)) : resolve(result),
    );
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the process of the load ended with ${code}`)));
    child.send(options);
  });
}

/** The child's side: one task, one answer, and the process is gone. */
export function answer(work: (options: never) => Promise<object>): void {
  process.once('message', (options) => {
    work(options as never).then(
      (result) => process.send!({ result }, () => process.exit(0)),
      (error: unknown) => process.send!({ error: String(error) }, () => process.exit(1)),
    );
  });
}
