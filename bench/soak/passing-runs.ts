import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LoadClient } from '../live/load-client.ts';
import type { LiveTarget } from '../live/live-target.ts';
import { Publisher } from '../live/publisher.ts';
import { nameOf } from '../live/publishing.ts';
import type { Seen } from './seen.ts';

const sockets = 100;
const rooms = 10;
const traffic = { eventsPerSecond: 20, batch: 2 };
const watchedSeconds = 6;
const pauseMs = 2_000;

/** Runs that nobody has heard of before: people come to watch them, they end, and everybody goes. One after the other. */
export class PassingRuns {
  private goesOn = true;
  private runs = 0;
  /** Rejects with what went wrong. */
  readonly loop: Promise<void>;

  private constructor(
    private readonly target: LiveTarget,
    private readonly httpUrl: string,
    private readonly publisher: Publisher,
    private readonly seen: Seen,
  ) {
    this.loop = this.run();
  }

  static async start(target: LiveTarget, httpUrl: string, seen: Seen): Promise<PassingRuns> {
    return new PassingRuns(target, httpUrl, await Publisher.open({ ...target.publish, rooms: 1 }), seen);
  }

  /** @returns how many runs there were. Rejects with what went wrong in one of them. */
  async stop(): Promise<number> {
    this.goesOn = false;
    try {
      await this.loop;
    } finally {
      this.publisher.close();
    }
    return this.runs;
  }

  private async run(): Promise<void> {
    while (this.goesOn) {
      await this.watchedRuns(`run:bench/${randomUUID()}-%`);
      this.runs += rooms;
      await delay(pauseMs);
    }
  }

  private async watchedRuns(room: string): Promise<void> {
    const { target, publisher } = this;
    await publisher.reopen({ ...target.publish, kind: 'test.finished', room, rooms });
    // The client knows no events without a stamp: each run begins before anybody comes.
    const began = await publisher.run({ ...traffic, seconds: 1 });
    const client = LoadClient.start({ ...target.subscribe, room, sockets, rooms });
    try {
      await client.until('all are in a new run', ({ ready }) => ready === sockets, 30_000);
      await client.mark();
      const published = await publisher.run({ ...traffic, seconds: watchedSeconds });
      const expected = (published.published * sockets) / rooms;
      // What does not come is counted: it must not end the measurement.
      const all = await client
        .until('all of a new run has come', ({ events }) => events >= expected, 15_000)
        .catch(() => client.report());
      this.seen.add(all, expected);
      this.seen.notAccepted += began.failed + published.failed;
      await Promise.all(Array.from({ length: rooms }, (_, index) => this.finish(nameOf(room, index))));
    } finally {
      await client.stop();
    }
  }

  private async finish(room: string): Promise<void> {
    const [, projectId, runId] = /^run:(.*)\/(.*)$/.exec(room)!;
    const response = await fetch(`${this.httpUrl}/v1/projects/${projectId}/runs/${runId}/finish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.target.publish.token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    if (!response.ok) throw new Error(`a run was not ended: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}
