import { setTimeout as delay } from 'node:timers/promises';
import { LoadClient } from '../live/load-client.ts';
import type { LiveTarget } from '../live/live-target.ts';
import { Publisher } from '../live/publisher.ts';
import type { Seen } from './seen.ts';

const sockets = 20;
const traffic = { eventsPerSecond: 100, batch: 20 };
/** After 32 s without an answer to its pings, which lie behind what is not read, the gateway ends them; they find out much later. */
const roundSeconds = 60;

/** Watchers who hardly read, and whom the gateway has to let go; in every round others come in their place. */
export class SlowReaders {
  private readonly stopping = new AbortController();
  /** Rejects with what went wrong. */
  readonly loop: Promise<void>;

  private constructor(
    private readonly target: LiveTarget,
    private readonly room: string,
    private readonly publisher: Publisher,
    private readonly seen: Seen,
  ) {
    this.loop = this.run();
  }

  static async start(target: LiveTarget, seen: Seen): Promise<SlowReaders> {
    const room = target.subscribe.room.replace('%', 'busy');
    const publisher = await Publisher.open({ ...target.publish, kind: 'test.finished', room, rooms: 1 });
    // The client knows no events without a stamp: the run begins before anybody comes.
    await publisher.run({ ...traffic, seconds: 1 });
    return new SlowReaders(target, room, publisher, seen);
  }

  /** Rejects with what went wrong. */
  async stop(): Promise<void> {
    this.stopping.abort();
    try {
      await this.loop;
    } finally {
      this.publisher.close();
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const client = LoadClient.start({
        ...this.target.subscribe,
        room: this.room,
        sockets,
        rooms: 1,
        slow: sockets,
        slowBytes: 64,
      });
      try {
        await client.until('the slow ones are in', ({ ready }) => ready === sockets, 30_000);
        await client.mark();
        for (let seconds = 0; seconds < roundSeconds && !this.stopping.signal.aborted; seconds += 10) {
          this.seen.notAccepted += (await this.publisher.run({ ...traffic, seconds: 10 })).failed;
        }
        const { missing, repeated } = await client.report();
        // That they are behind is what they are here for.
        this.seen.missing += missing;
        this.seen.repeated += repeated;
      } finally {
        await client.stop();
      }
      await delay(1_000);
    }
  }
}
