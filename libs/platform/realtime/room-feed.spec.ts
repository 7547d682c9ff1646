import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Heads, MemoryEventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { type FeedSink, RoomFeed } from './room-feed.ts';

/** A log that others append to as well: their commits are announced to nobody here. */
class SharedLog extends MemoryEventStore {
  echo = true;
  epoch = 'memory.1';
  looks = 0;
  slotReads = 0;
  override onCommitted(listener: (events: readonly RecordedEvent[]) => void): () => void {
    return super.onCommitted((events) => (this.echo ? listener(events) : undefined));
  }
  override async heads(): Promise<Heads> {
    this.looks += 1;
    return { ...(await super.heads()), epoch: this.epoch };
  }
  override readSlots(...args: Parameters<MemoryEventStore['readSlots']>): Promise<RecordedEvent[]> {
    this.slotReads += 1;
    return super.readSlots(...args);
  }
}

class Recorder implements FeedSink {
  readonly versions: number[] = [];
  readonly jumps: number[] = [];
  readonly epochs: string[] = [];
  wanted = true;
  accept(event: RecordedEvent): void {
    this.versions.push(event.version);
  }
  wants(): boolean {
    return this.wanted;
  }
  jumped(slot: number): void {
    this.jumps.push(slot);
  }
  epochChanged(epoch: string): void {
    this.epochs.push(epoch);
  }
  report(): void {}
}

const stream = 'run:shop/1';
let appended = 0;
async function append(store: MemoryEventStore, count = 1, to = stream): Promise<void> {
  const events = Array.from({ length: count }, () => {
    appended += 1;
    const eventId = `00000000-0000-8000-8000-${appended.toString().padStart(12, '0')}`;
    return { eventId, type: 'test.finished', at: 1, data: {} };
  });
  await store.append({ stream: to, events });
}

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

async function started() {
  const store = new SharedLog();
  const sink = new Recorder();
  const feed = new RoomFeed(store, sink, 3_600_000);
  feed.start();
  stop = () => feed.stop();
  await feed.poll();
  sink.jumps.length = 0;
  return { store, sink, feed };
}

describe('the feed of rooms', () => {
  it('brings at once what this process commits, and does not read it again', async () => {
    const { store, sink, feed } = await started();
    await append(store, 3);
    expect(sink.versions).toEqual([1, 2, 3]);
    await feed.poll();
    expect(store.slotReads).toBe(0);
  });

  it('reads what others commit, the last event included, which nothing follows', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    await append(store, 2);
    await feed.poll();
    expect(sink.versions).toEqual([1, 2]);
  });

  it('looks soon after a hint', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    await append(store);
    feed.poke();
    await eventually(() => expect(sink.versions).toEqual([1]));
  });

  it('looks again after a hint that came while it looked, and reads all slots at once', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    feed.poke();
    await append(store);
    await append(store, 1, 'run:shop/2');
    feed.poke();
    await eventually(() => expect(sink.versions).toEqual([1, 1]));
    expect(store.slotReads).toBe(1);
  });

  it('looks once for hints that come close together', async () => {
    const { store, sink, feed } = await started();
    const { looks } = store;
    store.echo = false;
    for (let hints = 0; hints < 50; hints++) feed.poke();
    await append(store);
    await eventually(() => expect(sink.versions).toEqual([1]));
    expect(store.looks).toBeLessThanOrEqual(looks + 2);
  });

  it('does not look after a hint that comes when it has stopped, and sees all when it is started again', async () => {
    const { store, sink, feed } = await started();
    await feed.stop();
    await append(store);
    vi.useFakeTimers();
    feed.poke();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    feed.start();
    await eventually(() => expect(sink.versions).toEqual([1]));
  });

  it('stops looking also where it cannot stop listening', async () => {
    const { store, feed } = await started();
    await feed.stop();
    store.onCommitted = () => () => {
      throw new Error('no');
    };
    feed.start();
    let looked = false;
    void feed.poll().then(() => (looked = true));
    await expect(feed.stop()).rejects.toThrow('no');
    expect(looked).toBe(true);
  });

  it('closes holes that others leave between events of its own', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    await append(store);
    store.echo = true;
    await append(store);
    expect(sink.versions).toEqual([2]);
    await feed.poll();
    expect(new Set(sink.versions)).toEqual(new Set([1, 2]));
    const seen = sink.versions.length;
    await feed.poll();
    expect(sink.versions).toHaveLength(seen);
  });

  it('does not read for nobody', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    sink.wanted = false;
    await append(store, 5);
    await feed.poll();
    sink.wanted = true;
    await append(store);
    await feed.poll();
    expect(sink.versions).toEqual([6]);
  });

  it('jumps over what would take too long, and says so', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    await append(store, 3000);
    await append(store, 3000);
    await feed.poll();
    expect(sink).toMatchObject({ versions: [], jumps: [slotOf(stream)] });
    await append(store);
    await feed.poll();
    expect(sink.versions).toEqual([6001]);
  });

  it('tells of another epoch', async () => {
    const { store, sink, feed } = await started();
    store.epoch = 'memory.2';
    await feed.poll();
    await feed.poll();
    expect(sink.epochs).toEqual(['memory.2']);
  });

  it('takes from a broker what is of the epoch of the log, and looks for itself at anything else', async () => {
    const { store, sink, feed } = await started();
    store.echo = false;
    await append(store, 2);
    const [first, second] = (await store.readStream(stream, 0)).events;
    feed.acceptOf('memory.1', [first!]);
    expect(sink.versions).toEqual([1]);
    feed.acceptOf('memory.0', [{ ...second!, version: 99 }]);
    expect(sink.versions).toEqual([1]);
    await eventually(() => expect(sink.versions).toEqual([1, 2]));
  });
});
