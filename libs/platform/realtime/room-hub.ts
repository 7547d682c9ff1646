import { type Epoch, type EventStore, type RecordedEvent, slotCount } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { FlushQueue } from './flush-queue.ts';
import { RoomEndings } from './room-endings.ts';
import { ReadPlaces } from './read-places.ts';
import type { RealtimeOptions, RealtimeTuning } from './realtime-options.ts';
import type { FeedSink } from './room-feed.ts';
import { RecentBudget } from './recent-budget.ts';
import { maxRestingRooms, RestingRooms } from './resting-rooms.ts';
import type { ResolvedRoom, RoomRegistry } from './room-registry.ts';
import type { RoomEnd, StateRoom } from './room.ts';
import { StateChannel } from './state-channel.ts';
import { StreamChannel } from './stream-channel.ts';
import { StreamPages } from './stream-pages.ts';

interface Opening<C> {
  readonly channel: C;
  readonly opened: Promise<void>;
}

/** Reads at once: together well below the connections of the store's pool (16, four of which the appends keep). */
const streamReads = 6;
const stateReads = 3;

/** The rooms that somebody in this process is in. */
export class RoomHub implements FeedSink {
  readonly pages: StreamPages;
  holeReads = 0;
  deliveries = 0;
  private readonly streams = new Map<string, Opening<StreamChannel>>();
  private readonly states = new Map<string, Opening<StateChannel>>();
  private readonly streamsOfSlot = new Uint32Array(slotCount);
  private readonly endings = new RoomEndings();
  private readonly flushes = new FlushQueue();
  private readonly recent: RecentBudget;
  private readonly statePlaces = new ReadPlaces(stateReads);
  private epochs: { current: string; list: Promise<Epoch[]> } | undefined;
  /** Asks the feed to look at the heads now. */
  onOtherEpoch: () => void = () => undefined;

  constructor(
    private readonly store: EventStore,
    private readonly registry: RoomRegistry,
    private readonly options: RealtimeOptions,
    readonly tuning: RealtimeTuning,
    readonly report: (what: string, error: unknown) => void,
  ) {
    this.recent = new RecentBudget(tuning.allRecentBytes);
    this.pages = new StreamPages(store, new ReadPlaces(streamReads));
  }

  get roomCount(): number {
    return this.streams.size + this.states.size;
  }

  get subscriberCount(): number {
    let count = 0;
    for (const { channel } of this.streams.values()) count += channel.subscribers;
    for (const { channel } of this.states.values()) count += channel.subscribers;
    return count;
  }

  /** The room, opened. Throws `room.gone`, and what the store throws. */
  async streamChannel(name: string): Promise<StreamChannel> {
    for (;;) {
      const { channel, opened } = this.streams.get(name) ?? this.openStream(name);
      channel.touch();
      await opened;
      // It was reset while it opened.
      if (this.holds(channel)) return channel;
    }
  }

  holds(channel: StreamChannel): boolean {
    return this.streams.get(channel.name)?.channel === channel;
  }

  holdsState(channel: StateChannel): boolean {
    return this.states.get(channel.name)?.channel === channel;
  }

  async stateChannel({ name, room, params }: ResolvedRoom & { room: StateRoom }): Promise<StateChannel> {
    for (;;) {
      const { channel, opened } = this.states.get(name) ?? this.openState(name, room, params);
      channel.touch();
      await opened;
      if (this.holdsState(channel)) return channel;
    }
  }

  /** Throws `room.gone` when what the room shows has been erased. */
  async requireKept(end: RoomEnd | undefined): Promise<void> {
    if (end !== undefined && (await this.pages.endsWith(end.stream, end.type))) throw new DomainError('room.gone');
  }

  /** The log's epochs, read once for each. */
  epochList(current: string): Promise<Epoch[]> {
    if (this.epochs?.current === current) return this.epochs.list;
    const entry = { current, list: this.store.epochs() };
    this.epochs = entry;
    entry.list.catch(() => {
      if (this.epochs === entry) this.epochs = undefined;
    });
    return entry.list;
  }

  accept(event: RecordedEvent): void {
    for (const name of this.endings.endedBy(event)) this.end(name, 'erased');
    this.streams.get(event.stream)?.channel.accept(event);
    if (this.states.size === 0) return;
    for (const room of this.registry.stateRooms()) this.markFor(room, event);
  }

  wants(slot: number): boolean {
    return this.states.size > 0 || this.streamsOfSlot[slot]! > 0 || this.endings.concerns(slot);
  }

  /** Reads a state room again, if somebody is in it. */
  refreshState(name: string): void {
    this.states.get(name)?.channel.refresh();
  }

  jumped(slot: number): void {
    for (const { channel } of this.streams.values()) if (channel.slot === slot) channel.recover();
    for (const { channel } of this.states.values()) channel.refresh();
    for (const [name, end] of this.endings.inSlot(slot)) {
      this.requireKept(end).catch((error: unknown) => {
        // Where the store does not say, whoever is in asks again, and learns it on the way in.
        this.end(name, error instanceof DomainError && error.code === 'room.gone' ? 'erased' : 'the store was away');
      });
    }
  }

  epochChanged(epoch: string): void {
    this.pages.forget();
    for (const name of this.streams.keys()) {
      const { channel } = this.streams.get(name)!;
      this.forgetStream(name);
      channel.reset(epoch, 'the log has another history');
    }
    for (const { channel } of this.states.values()) channel.refresh(true);
  }

  tick(now: number): void {
    const resting = new RestingRooms();
    for (const [name, { channel }] of this.streams) {
      if (channel.tick(now)) this.forgetStream(name);
      else resting.add(channel.restingSince, () => this.forgetStream(name));
    }
    for (const [name, { channel }] of this.states) {
      if (channel.tick(now)) this.forgetState(name);
      else resting.add(channel.restingSince, () => this.forgetState(name));
    }
    resting.closeBeyond(maxRestingRooms);
  }

  /** Gives up what can be read again from the store. */
  shed(): void {
    this.pages.forget();
    for (const { channel } of this.streams.values()) channel.shed();
  }

  stop(): void {
    for (const name of this.streams.keys()) this.forgetStream(name);
    for (const name of this.states.keys()) this.forgetState(name);
    this.flushes.stop();
  }

  private openStream(name: string): Opening<StreamChannel> {
    const channel = new StreamChannel(name, {
      tuning: this.tuning,
      pages: this.pages,
      flushes: this.flushes,
      recent: this.recent,
      onOtherEpoch: this.onOtherEpoch,
      onHoleRead: () => (this.holeReads += 1),
      onDelivered: (events, subscribers) => {
        this.deliveries += events.length * subscribers;
        this.options.onDelivered?.(events, subscribers);
      },
      report: this.report,
    });
    // Registered with the feed first, then the head is taken from the store: nothing falls between.
    this.streamsOfSlot[channel.slot]! += 1;
    const end = this.endOf(name);
    if (end !== undefined) this.endings.add(name, end);
    const opened = Promise.all([channel.open(), this.requireKept(end)]).then(() => undefined);
    const opening = { channel, opened };
    this.streams.set(name, opening);
    opening.opened.catch(() => {
      if (this.streams.get(name) === opening) this.forgetStream(name);
    });
    return opening;
  }

  private openState(name: string, room: StateRoom, params: ResolvedRoom['params']): Opening<StateChannel> {
    const channel = new StateChannel(name, room, params, {
      tuning: this.tuning,
      places: this.statePlaces,
      report: this.report,
    });
    const opening: Opening<StateChannel> = { channel, opened: Promise.resolve().then(() => channel.open()) };
    this.states.set(name, opening);
    opening.opened.catch(() => {
      if (this.states.get(name) === opening) this.states.delete(name);
      channel.close();
    });
    return opening;
  }

  private forgetStream(name: string): void {
    const opening = this.streams.get(name);
    if (opening === undefined) return;
    this.streams.delete(name);
    this.streamsOfSlot[opening.channel.slot]! -= 1;
    const end = this.endOf(name);
    if (end !== undefined) this.endings.remove(name, end);
    opening.channel.close();
  }

  /** Those who are in are told, and nobody finds the room or a page of it here any more. */
  private end(name: string, reason: string): void {
    const channel = this.streams.get(name)?.channel;
    if (channel === undefined) return;
    this.forgetStream(name);
    this.pages.forget();
    channel.reset(channel.epoch, reason);
  }

  private endOf(name: string): RoomEnd | undefined {
    const { room, params } = this.registry.resolve(name);
    return room.endedBy?.(params);
  }

  private forgetState(name: string): void {
    this.states.get(name)?.channel.close();
    this.states.delete(name);
  }

  private markFor(room: StateRoom, event: RecordedEvent): void {
    try {
      const mark = room.markOf(event);
      if (mark !== undefined) this.states.get(mark.room)?.channel.mark(mark.key, event.slot, event.position);
    } catch (error) {
      // One room's mistake must not keep the event from the others.
      this.report(`marking in ${room.pattern}`, error);
    }
  }
}
