import { expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import { EngineSocket } from './realtime-engine.ts';
import { TextFrame } from './text-frame.ts';

/** A socket whose kernel takes nothing until told. */
class StuckSocket extends EngineSocket {
  bufferedBytes = 0;
  readonly written: string[] = [];
  send(frame: TextFrame): void {
    this.written.push(frame.payload.toString());
    this.bufferedBytes += frame.bytes;
  }
  sendAll(frames: readonly TextFrame[]): void {
    for (const frame of frames) this.send(frame);
  }
  ping(): void {}
  close(): void {}
  terminate(): void {}
}

function outbox() {
  const socket = new StuckSocket();
  const box = new Outbox(socket, { backpressureBytes: 100, maxQueuedBytes: 300, maxQueuedMs: 1000 });
  const drain = (now: number) => {
    socket.bufferedBytes = 0;
    return box.drained(now);
  };
  return { socket, box, drain };
}
const frame = (text: string) => TextFrame.of(text.repeat(98));

it('writes through while the kernel takes it, and keeps the order when it does not', () => {
  const { socket, box, drain } = outbox();
  for (const text of ['a', 'b', 'c']) expect(box.send(frame(text), 0)).toBe(true);
  expect(socket.written).toEqual(['a'.repeat(98)]);
  expect(box.writable).toBe(false);
  expect(drain(1)).toBe(false);
  expect(drain(2)).toBe(false);
  expect(socket.written.map((text) => text[0])).toEqual(['a', 'b', 'c']);
  expect(drain(3)).toBe(true);
  expect(box.queuedBytes).toBe(0);
});

it('is exceeded by bytes', () => {
  const { box } = outbox();
  const kept = ['a', 'b', 'c', 'd', 'e'].map((text) => box.send(frame(text), 0));
  expect(kept).toEqual([true, true, true, true, false]);
});

it('is overdue when the oldest frame has waited too long, even while others move', () => {
  const { box, drain } = outbox();
  box.send(frame('a'), 0);
  box.send(frame('b'), 0);
  box.send(frame('c'), 0);
  drain(900);
  expect(box.overdue(1000)).toBe(false);
  expect(box.overdue(1001)).toBe(true);
});

it('is overdue when nothing waits but nothing moves either', () => {
  const { box, drain } = outbox();
  box.send(frame('a'), 0);
  expect(box.overdue(1000)).toBe(false);
  expect(box.overdue(1001)).toBe(true);
  drain(1002);
  expect(box.overdue(9999)).toBe(false);
});
