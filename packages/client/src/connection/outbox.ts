import { TestcastError } from '../testcast-error.ts';
import type { Link } from './link.ts';

interface Held {
  type: string;
  data: unknown;
  resolve: (data: unknown) => void;
  reject: (error: unknown) => void;
}

/** Requests held while there is no connection. */
const heldLimit = 1000;

/** Sends requests over the connection that is in use, and holds them, bounded, while there is none. */
export class Outbox {
  private readonly held = new Set<Held>();
  private link: Link | undefined;
  private over: TestcastError | undefined;

  async request(type: string, data: unknown, timeoutMs: number): Promise<unknown> {
    if (this.over !== undefined) throw this.over;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let entry: Held | undefined;
    const reply = new Promise<unknown>((resolve, reject) => {
      entry = { type, data, resolve, reject };
      timer = setTimeout(() => {
        reject(new TestcastError('network.timeout', 'The server did not answer in time.', { temporary: true }));
      }, timeoutMs);
      this.place(entry);
    });
    try {
      return await reply;
    } finally {
      clearTimeout(timer);
      this.held.delete(entry!);
    }
  }

  /** The connection to send over from now on; what was held goes out. */
  use(link: Link | undefined): void {
    this.link = link;
    if (link === undefined) return;
    const waiting = [...this.held];
    this.held.clear();
    for (const entry of waiting) this.place(entry);
  }

  end(error: TestcastError): void {
    this.over = error;
    this.link = undefined;
    for (const { reject } of this.held) reject(error);
    this.held.clear();
  }

  private place(entry: Held): void {
    if (this.link !== undefined) {
      this.link.request(entry.type, entry.data).then(entry.resolve, entry.reject);
    } else if (this.held.size < heldLimit) {
      this.held.add(entry);
    } else {
      const message = `More than ${heldLimit} requests wait for the server.`;
      entry.reject(new TestcastError('connection.queue-full', message, { temporary: true }));
    }
  }
}
