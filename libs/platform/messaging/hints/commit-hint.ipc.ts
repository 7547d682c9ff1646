import type { EventEmitter } from 'node:events';
import { CommitHint } from './commit-hint.ts';

/** What the process that appends sends to its child. */
export const committedMessage = { type: 'committed' } as const;

/** Hints from the parent process. */
export class IpcCommitHint extends CommitHint {
  private listener: ((message: unknown) => void) | undefined;

  constructor(private readonly channel: Pick<EventEmitter, 'on' | 'off'> = process) {
    super();
  }

  async start(wake: () => void): Promise<void> {
    this.listener = (message) => {
      if ((message as { type?: unknown } | null)?.type === committedMessage.type) wake();
    };
    this.channel.on('message', this.listener);
  }

  async stop(): Promise<void> {
    if (this.listener !== undefined) this.channel.off('message', this.listener);
    this.listener = undefined;
  }
}

/** Sends hints to a child process; `new CommitHintSender(store, hintsTo(child))`. */
export function hintsTo(child: { send?(message: object): unknown; readonly connected: boolean }): () => void {
  return () => {
    // A child that is gone or going is started anew by its owner, and reads the log then.
    if (child.connected) child.send?.(committedMessage);
  };
}
