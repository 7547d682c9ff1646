import { createClient, type TestcastClient } from '@testcast/client/node';

interface Watching {
  readonly client: TestcastClient;
  readonly offsets: number[];
  /** Whether it is connected, and every event so far has come. */
  live: boolean;
  /** What was not as it should be: cut off, reset, an event missed or repeated. */
  readonly complaints: string[];
}

/** People who watch one run with the product's client: they come, stay and go, and each keeps what it was shown. */
export class Watchers {
  private readonly here: Watching[] = [];
  private readonly gone: Watching[] = [];

  constructor(private readonly options: { url: string; streamUrl: string; token: string; room: string }) {}

  get count(): number {
    return this.here.length;
  }

  get live(): number {
    return this.here.filter(({ live }) => live).length;
  }

  /** Of all who ever came. */
  get complaints(): readonly string[] {
    return [...this.here, ...this.gone].flatMap(({ complaints }) => complaints);
  }

  /** The last event that everybody who is here has seen. */
  get slowest(): number {
    return Math.min(...this.here.map(({ offsets }) => offsets.at(-1) ?? 0));
  }

  /** Twenty come, or go, in a second. */
  async become(count: number): Promise<void> {
    while (this.here.length < count) {
      this.here.push(this.watch());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    while (this.here.length > count) {
      // Every second one goes, so that those who stay were spread over all gateways.
      const [leaving] = this.here.splice(this.here.length % 2 === 0 ? 0 : Math.floor(this.here.length / 2), 1);
      leaving!.client.connection.close();
      this.gone.push(leaving!);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close(): void {
    for (const { client } of this.here) client.connection.close();
  }

  private watch(): Watching {
    const { url, streamUrl, token, room } = this.options;
    const client = createClient({ url, streamUrl, token });
    const watching: Watching = { client, offsets: [], live: false, complaints: [] };
    client.connection.onState((state) => {
      watching.live = state.name === 'live';
      if (state.name === 'offline') watching.complaints.push(`offline: ${state.reason}`);
    });
    client.connection.watchStream(room, {
      offset: 0,
      onEvents: (events) => {
        for (const { offset } of events) {
          const expected = (watching.offsets.at(-1) ?? 0) + 1;
          if (offset !== expected) watching.complaints.push(`event ${offset} where ${expected} was next`);
          watching.offsets.push(offset);
        }
      },
      onReset: ({ reason }) => watching.complaints.push(`reset: ${reason}`),
    });
    return watching;
  }
}
