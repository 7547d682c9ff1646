import { once } from 'node:events';
import { WebSocket } from 'ws';
import { EventSink } from './event-sink.ts';
import { nameOf, type Publishing, stampOf } from './publishing.ts';

/** The product's event of the same measurement is as long: what subscribers get is the same number of bytes. */
const padding = 'x'.repeat(170);

/** Peers number nothing by themselves that all of them would: the publisher does, so that losses show. */
class Numbering {
  private readonly offsets = new Map<number, number>();

  messages(room: number, dueMicros: number, count: number): string[] {
    const first = (this.offsets.get(room) ?? 0) + 1;
    this.offsets.set(room, first + count - 1);
    const title = stampOf(dueMicros);
    return Array.from(
      { length: count },
      (_, index) => `{"offset":${first + index},"type":"test.started","data":{"title":"${title}","more":"${padding}"}}`,
    );
  }
}

/** To a peer's own entry: one frame a batch, `<room>\n[message, …]`, answered with `ok` once all are sent. */
class BatchSink extends EventSink {
  private readonly numbering = new Numbering();
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly publishing: Publishing,
  ) {
    super();
    socket.on('message', () => this.waiting.shift()?.());
  }

  publish(room: number, dueMicros: number, count: number): Promise<void> {
    const messages = this.numbering.messages(room, dueMicros, count);
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.send(`${nameOf(this.publishing.room, room)}\n[${messages.join(',')}]`);
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Over its HTTP API, a batch a request. */
class CentrifugoSink extends EventSink {
  private readonly numbering = new Numbering();
  private readonly tails = new Map<number, Promise<void>>();

  constructor(private readonly publishing: Publishing) {
    super();
  }

  publish(room: number, dueMicros: number, count: number): Promise<void> {
    // One request of a room after the other: two at once would arrive in any order.
    const before = this.tails.get(room) ?? Promise.resolve();
    const done = before.then(() => this.send(room, dueMicros, count));
    this.tails.set(
      room,
      done.catch(() => undefined),
    );
    return done;
  }

  close(): void {}

  private async send(room: number, dueMicros: number, count: number): Promise<void> {
    const channel = nameOf(this.publishing.room, room);
    const commands = this.numbering
      .messages(room, dueMicros, count)
      .map((data) => `{"publish":{"channel":"${channel}","data":${data}}}`);
    const response = await fetch(`${this.publishing.url}/api/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"commands":[${commands.join(',')}]}`,
    });
    const text = await response.text();
    if (!response.ok || text.includes('"error"')) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
  }
}

export async function openPeerSink(publishing: Publishing): Promise<EventSink> {
  if (publishing.to === 'centrifugo') return new CentrifugoSink(publishing);
  const socket = new WebSocket(publishing.url, { perMessageDeflate: false });
  await once(socket, 'open');
  return new BatchSink(socket, publishing);
}
