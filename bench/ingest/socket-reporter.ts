import { Socket } from '../../test/e2e/support/socket.ts';
import { type Reporter, requireAppended, type RunRef } from './reporter.ts';

/** A bare socket that speaks the protocol. */
export class SocketReporter implements Reporter {
  private constructor(
    private readonly socket: Socket,
    private readonly run: RunRef,
  ) {}

  static async open(streamUrl: string, token: string, run: RunRef): Promise<SocketReporter> {
    return new SocketReporter(await Socket.open(streamUrl, token), run);
  }

  async report(items: readonly object[]): Promise<void> {
    const { type, data } = await this.socket.request('results.report', { ...this.run, items });
    const { results } = (data ?? {}) as { results?: { status: string }[] };
    if (results === undefined) throw new Error(`answered with ${type}: ${JSON.stringify(data)}`);
    requireAppended(results, items.length);
  }

  close(): void {
    this.socket.cut();
  }
}
