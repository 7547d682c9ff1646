import { type ChildProcess, fork } from 'node:child_process';
import type { Publishing, PublishResult, PublishRun } from './publishing.ts';

/** Publishes in a process of its own; connections stay open and code stays warm from one run to the next. */
export class Publisher {
  private constructor(private readonly child: ChildProcess) {}

  static async open(publishing: Publishing): Promise<Publisher> {
    const publisher = new Publisher(
      fork(new URL('publisher.process.js', import.meta.url), { execArgv: process.execArgv }),
    );
    await publisher.reopen(publishing);
    return publisher;
  }

  /** Publishes to other rooms from now on. */
  async reopen(publishing: Publishing): Promise<void> {
    await this.ask({ open: publishing });
  }

  get pid(): number {
    return this.child.pid!;
  }

  run(run: PublishRun): Promise<PublishResult> {
    return this.ask({ run }) as Promise<PublishResult>;
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private ask(request: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the publisher ended with ${code}`));
      this.child.once('exit', ended);
      this.child.once('message', ({ result, error }: { result?: unknown; error?: string }) => {
        this.child.off('exit', ended);
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      this.child.send(request);
    });
  }
}
