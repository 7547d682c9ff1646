import { setTimeout as delay } from 'node:timers/promises';
import type { ItemResult, ResultItemInput } from '@testcast/contracts';
import { Socket } from './socket.ts';

/** Posts batches over one connection, again and again until each is acknowledged; repeats are harmless by their ids. */
export class Sender {
  private socket: Socket | undefined;
  readonly acknowledged: { item: ResultItemInput; offset: number }[] = [];
  readonly rejected: unknown[] = [];

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly run: { projectId: string; runId: string },
  ) {}

  async send(items: readonly ResultItemInput[]): Promise<void> {
    for (;;) {
      try {
        this.socket ??= await Socket.open(this.url, this.token);
        const reply = await this.socket.request('results.report', { ...this.run, items });
        if (reply.type === 'ok') return this.take(items, (reply['data'] as { results: ItemResult[] }).results);
        const error = reply['error'] as { temporary: boolean };
        if (!error.temporary) throw new Permanent(JSON.stringify(error));
      } catch (error) {
        if (error instanceof Permanent) throw error;
        this.socket?.cut();
        this.socket = undefined;
      }
      await delay(30);
    }
  }

  close(): void {
    this.socket?.cut();
  }

  private take(items: readonly ResultItemInput[], results: readonly ItemResult[]): void {
    for (const result of results) {
      if (result.status === 'rejected') this.rejected.push(result);
      else this.acknowledged.push({ item: items[result.index]!, offset: result.offset });
    }
  }
}

class Permanent extends Error {}
