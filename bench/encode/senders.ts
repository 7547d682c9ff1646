import type { Socket } from 'node:net';
import * as ws from 'ws';
import { eventFrames } from '../../libs/platform/realtime/event-frames.ts';
import type { TextFrame } from '../../libs/platform/realtime/text-frame.ts';
import { itemsOf, recordedOf, room } from './messages.ts';
import { type Comparison, repeated } from './writers.ts';

interface SendOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: boolean;
  readonly mask: boolean;
}

/** ws's own, which its types leave out. */
const { Sender } = ws as unknown as {
  Sender: new (socket: Socket) => { send(data: string | Buffer, options: SendOptions): void };
};
const plain: SendOptions = { binary: false, compress: false, fin: true, mask: false };
const sockets = 1_000;

/** Takes everything: the system call is the same for all. */
class Sink {
  bytes = 0;
  cork(): void {}
  uncork(): void {}
  write(data: Buffer): boolean {
    this.bytes += data.length;
    return true;
  }
}

const frameOf = (count: number): TextFrame => eventFrames(room, recordedOf(itemsOf(count)))[0]!.frame;

/** One frame to a thousand sockets, the system calls left out. */
export function senders(): Comparison {
  const sinks = Array.from({ length: sockets }, () => new Sink());
  const own = sinks.map((sink) => new Sender(sink as unknown as Socket));
  const frame = frameOf(10);
  const text = frame.payload.toString();
  const { payload } = frame;
  const toAll = (send: (index: number) => void) =>
    repeated(() => {
      for (let index = 0; index < sockets; index++) send(index);
      return sinks[0]!.bytes;
    });
  return {
    name: `frame of 10 events to ${sockets.toLocaleString('en')} sockets`,
    pieces: sockets,
    variants: [
      { name: 'prepared once (ours)', run: toAll((index) => sinks[index]!.write(frame.wire)) },
      { name: "ws's sender, a buffer", run: toAll((index) => own[index]!.send(payload, plain)) },
      { name: "ws's sender, a string", run: toAll((index) => own[index]!.send(text, plain)) },
    ],
  };
}

export interface Compressed {
  readonly events: number;
  readonly bytes: number;
  readonly deflatedBytes: number;
}

/** What a room's frame is made in, with compression and without; for all of its sockets together. */
export function compressions(): { readonly comparison: Comparison; readonly sizes: Compressed }[] {
  return [10, 50, 200].map((events) => {
    const recorded = recordedOf(itemsOf(events));
    const make = () => eventFrames(room, recorded)[0]!.frame;
    return {
      sizes: { events, bytes: make().bytes, deflatedBytes: make().deflated('all').length },
      comparison: {
        name: `room frame of ${events} events`,
        pieces: 1,
        variants: [
          { name: 'not compressed', run: repeated(() => make().wire.length) },
          { name: 'compressed once for all', run: repeated(() => make().deflated('all').length) },
        ],
      },
    };
  });
}
