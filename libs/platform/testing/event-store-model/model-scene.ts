import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RecordedEvent, slotOf } from '#platform/event-store';
import type { LogUnderModel, Mover } from './log-under-model.ts';
import { type Answered, linearize } from './linearization.ts';
import type { ModelStream } from './model-log.ts';
import { ModelJudge, type Moment } from './model-judge.ts';
import { ModelReader, type Seen } from './model-reader.ts';
import { ModelSender, type Sent, type StoreAnswer, withoutPositions } from './model-sender.ts';
import { type Operation, type Read, type Round, streamsOfScript } from './script.ts';

/** One script on a log: its streams, those who read them, and the model that all of it is held against. */
export class ModelScene {
  private readonly streams: readonly string[];
  private readonly mover: Mover;
  private readonly judge: ModelJudge;
  private readonly readers: readonly ReadonlyMap<string | number, ModelReader>[];
  private readonly told: RecordedEvent[][];
  private readonly stops: (() => void)[];
  private readonly sender = new ModelSender();
  /** Of each node whose next answer is to be lost, whether that has happened. */
  private readonly losses = new Map<number, () => boolean>();
  private model: Moment;

  private constructor(
    private readonly log: LogUnderModel,
    private readonly slots: readonly [number, number],
    { epoch, positions }: { readonly epoch: string; readonly positions: readonly number[] },
  ) {
    this.streams = Array.from({ length: streamsOfScript }, (_, index) => streamIn(slots[index % 2]!));
    this.model = {
      streams: new Map(this.streams.map((stream) => [stream, []])),
      heads: new Map(slots.map((slot) => [slot, positions[slot]!])),
    };
    this.mover = log.mover();
    this.judge = new ModelJudge(epoch);
    this.readers = log.nodes.map(
      (store) =>
        new Map<string | number, ModelReader>([
          ...this.streams.map((stream) => [stream, new ModelReader(store, stream, 0)] as const),
          ...slots.map((slot) => [slot, new ModelReader(store, slot, positions[slot]!)] as const),
        ]),
    );
    this.told = log.nodes.map(() => []);
    this.stops = log.nodes.map((store, node) => store.onCommitted((events) => void this.told[node]!.push(...events)));
  }

  static async open(log: LogUnderModel): Promise<ModelScene> {
    return new ModelScene(log, await log.twoSlots(), await log.nodes[0]!.heads());
  }

  /** Everything of the round at once; then what was answered and read is judged. */
  async play({ sends, reads, operation, fault }: Round): Promise<void> {
    const faulty = fault === undefined ? undefined : this.nodeOf(fault);
    if (faulty !== undefined && !fault!.cut && !this.losses.has(faulty)) {
      this.losses.set(faulty, this.log.loseAnswer(faulty));
    }
    const mayRepeat = (node: number): boolean => node === faulty || this.losses.has(node);
    const sent = sends.map((send) => {
      const stream = this.streams[send.stream]!;
      const node = this.nodeOf(send);
      return this.sender.send(send, { stream, node, events: this.model.streams.get(stream)! }, this.log.nodes[node]!);
    });
    const seen = reads.map((read) => this.read(read));
    const moved = this.operate(operation);
    if (faulty !== undefined && fault!.cut) {
      // By then what was sent is on its way.
      await nextTurn();
      this.log.cut(faulty);
    }
    const [answers, pages] = await Promise.all([
      Promise.all(sent.map(({ answer }) => answer)),
      Promise.all(seen),
      moved,
    ]);
    const before = this.model;
    this.model = this.after(sent, answers, mayRepeat);
    for (const page of pages) this.judge.judge(page, before, this.model);
    this.judgeAnswers(sent, answers);
    for (const [node, hasHappened] of this.losses) if (hasHappened()) this.losses.delete(node);
  }

  /** Everybody reads to the end, and has seen all of it. Resolves to what is wrong with the log as it is stored. */
  async end(): Promise<readonly unknown[]> {
    await this.mover.finish();
    // Else the next script would lose an answer that it does not know of.
    for (const node of this.losses.keys()) await this.log.nodes[node]!.heads();
    for (const readers of this.readers) {
      for (const [of, reader] of readers) {
        for (const page of await reader.readToTheEnd()) this.judge.judge(page, this.model, this.model);
        const length = typeof of === 'string' ? this.model.streams.get(of)!.length : this.eventsOf(of);
        assert.equal(reader.events.length, length);
      }
    }
    for (const stream of this.streams) await this.judgeDetails(stream);
    this.judgeTold();
    return this.log.verify();
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private nodeOf({ node }: { readonly node: number }): number {
    return node % this.log.nodes.length;
  }

  private async read({ kind, which, limit, maxBytes, ...read }: Read): Promise<Seen> {
    const node = this.nodeOf(read);
    const store = this.log.nodes[node]!;
    if (kind === 'heads') return { kind, heads: await store.heads() };
    if (kind === 'lifecycle') return { kind, page: await store.readLifecycle(this.streams[which]!) };
    const readers = this.readers[node]!;
    if (kind === 'slots') {
      return ModelReader.readTogether(
        this.slots.map((slot) => readers.get(slot)!),
        { limit, maxBytes },
      );
    }
    const of = kind === 'slot' ? this.slots[which % 2]! : this.streams[which]!;
    return readers.get(of)!.read({ limit, maxBytes });
  }

  private async operate(operation: Operation): Promise<void> {
    if (operation.does === 'begin') {
      if (!this.mover.isRunning) await this.mover.begin(operation.operation, this.slots[operation.slot]!);
      return;
    }
    if (operation.does === 'kill' && this.mover.isRunning) await this.mover.kill();
    if (operation.does !== 'step') return;
    for (let left = operation.times; left > 0 && this.mover.isRunning; left--) await this.mover.step();
  }

  /** The streams as they must be, given the answers. */
  private after(sent: readonly Sent[], answers: readonly StoreAnswer[], mayRepeat: (node: number) => boolean): Moment {
    const streams = new Map(this.model.streams);
    const heads = new Map(this.model.heads);
    for (const [stream, events] of this.model.streams) {
      const nodes = this.log.nodes.map((_, node) =>
        sent.flatMap((one, index): Answered[] =>
          one.node === node && one.append.stream === stream
            ? [{ append: one.append, answer: withoutPositions(answers[index]!), mayRepeat: mayRepeat(node) }]
            : [],
        ),
      );
      const after = linearize(events, nodes);
      if (after === undefined)
        throw new Error(`No order of these appends gives these answers: ${shown(events, nodes)}`);
      streams.set(stream, after);
      const slot = slotOf(stream);
      heads.set(slot, heads.get(slot)! + after.length - events.length);
    }
    return { streams, heads };
  }

  private judgeAnswers(sent: readonly Sent[], answers: readonly StoreAnswer[]): void {
    for (const [index, { append }] of sent.entries()) {
      const answer = answers[index]!;
      if (answer === 'refused') continue;
      for (const outcome of answer) {
        if (!('position' in outcome)) continue;
        this.judge.judgePlace(slotOf(append.stream), outcome.position, append.stream, outcome.version);
      }
    }
  }

  private async judgeDetails(stream: string): Promise<void> {
    const events = this.model.streams.get(stream)!;
    const wanted = events.map((_, index) => index + 1);
    const found = await this.log.nodes[0]!.readDetails(stream, wanted);
    assert.deepEqual(
      found.map(({ version, detailJson }) => [version, detailJson]),
      events.map(({ content }, index) => [index + 1, content === 0 ? null : JSON.stringify({ content })]),
    );
  }

  /** Each node was told in order and nothing twice, and somebody was told of each event. */
  private judgeTold(): void {
    const everything = new Set<string>();
    for (const told of this.told) {
      for (const slot of this.slots) {
        const positions = told.filter((event) => event.slot === slot).map(({ position }) => position);
        assert.deepEqual(
          positions,
          [...new Set(positions)].sort((a, b) => a - b),
        );
        for (const position of positions) everything.add(`${slot}/${position}`);
      }
      for (const event of told) this.judge.judgeEvent(event, this.model);
    }
    assert.equal(
      everything.size,
      this.slots.reduce((sum, slot) => sum + this.eventsOf(slot), 0),
    );
  }

  private eventsOf(slot: number): number {
    const streams = this.streams.filter((stream) => slotOf(stream) === slot);
    return streams.reduce((sum, stream) => sum + this.model.streams.get(stream)!.length, 0);
  }
}

function shown(events: ModelStream, nodes: readonly (readonly Answered[])[]): string {
  return JSON.stringify({ stream: events, nodes }, undefined, 1);
}

function streamIn(slot: number): string {
  for (;;) {
    const stream = `run:model/${randomUUID()}`;
    if (slotOf(stream) === slot) return stream;
  }
}
