import { clientMessages, type SubscribeReply } from '@testcast/contracts';
import { DomainError, requireRole } from '#platform/kernel';
import type { HandlerTable } from './handler-table.ts';
import type { Message } from './message.ts';
import { parseData } from './parse-data.ts';
import type { RoomHub } from './room-hub.ts';
import type { ResolvedRoom, RoomRegistry } from './room-registry.ts';
import type { StateRoom, StreamRoom } from './room.ts';
import { StateSubscription } from './state-subscription.ts';
import { requireRecoverable } from './stream-offset.ts';
import { StreamSubscription } from './stream-subscription.ts';
import { placeHeld, type Subscription } from './subscription.ts';

/** `room.subscribe` and `room.unsubscribe`. */
export class RoomHandlers {
  constructor(
    private readonly hub: RoomHub,
    private readonly registry: RoomRegistry,
  ) {}

  addTo(table: HandlerTable): void {
    table.add('room.subscribe', (message) => this.subscribe(message));
    table.add('room.unsubscribe', (message) => this.unsubscribe(message));
  }

  private async subscribe(message: Message): Promise<SubscribeReply> {
    const { room: name, offset, epoch } = parseData(clientMessages['room.subscribe'], message.data);
    const { connection, caller } = message;
    const resolved = this.registry.resolve(name);
    const project = resolved.room.projectOf(resolved.params);
    const role = resolved.room.role ?? 'read';
    requireRole(caller, role, project);
    // A second subscription to a room takes the place of the first.
    connection.leaveRoom(name);
    this.requirePlace(connection.subscriptions.size);
    const place = placeHeld(name, project, role);
    connection.subscriptions.set(name, place);
    try {
      return isStream(resolved)
        ? await this.subscribeToStream(message, resolved, place, { offset, epoch })
        : await this.subscribeToState(message, resolved as ResolvedRoom & { room: StateRoom }, place);
    } catch (error) {
      if (connection.subscriptions.get(name) === place) connection.subscriptions.delete(name);
      throw error;
    }
  }

  private unsubscribe({ connection, data }: Message): Record<string, never> {
    connection.leaveRoom(parseData(clientMessages['room.unsubscribe'], data).room);
    return {};
  }

  private async subscribeToStream(
    message: Message,
    resolved: ResolvedRoom & { room: StreamRoom },
    place: Subscription,
    wanted: { offset: number | undefined; epoch: string | undefined },
  ): Promise<SubscribeReply> {
    for (;;) {
      const channel = await this.hub.streamChannel(resolved.name);
      const { offset = channel.head, epoch } = wanted;
      if (wanted.offset !== undefined) await requireRecoverable(this.hub, channel, resolved, { offset, epoch });
      // The room may have been reset or closed meanwhile: nothing would reach a subscriber of what it was.
      if (!this.hub.holds(channel)) continue;
      this.take(message, place, () => {
        const subscription = new StreamSubscription(message.connection, channel, place.project, place.role, offset);
        channel.add(subscription);
        return subscription;
      });
      const head = Math.max(channel.head, offset);
      return { room: resolved.name, kind: 'stream', epoch: channel.epoch, offset, head };
    }
  }

  private async subscribeToState(
    message: Message,
    resolved: ResolvedRoom & { room: StateRoom },
    place: Subscription,
  ): Promise<SubscribeReply> {
    await this.hub.requireKept(resolved.room.endedBy?.(resolved.params));
    for (;;) {
      const channel = await this.hub.stateChannel(resolved);
      if (!this.hub.holdsState(channel)) continue;
      this.take(message, place, () => {
        const subscription = new StateSubscription(message.connection, channel, place.project, place.role);
        channel.add(subscription);
        return subscription;
      });
      return { room: resolved.name, kind: 'state' };
    }
  }

  /** Puts the subscription in the place that was held, unless it has been given up. Frames follow the reply. */
  private take(message: Message, place: Subscription, subscribe: () => Subscription): void {
    // The caller may have been renewed while the room was opened.
    requireRole(message.caller, place.role, place.project);
    const { subscriptions } = message.connection;
    if (subscriptions.get(place.room) !== place) return;
    const subscription = subscribe();
    subscriptions.set(place.room, subscription);
    message.afterReply(() => subscription.start());
  }

  private requirePlace(taken: number): void {
    const { maxRooms } = this.hub.tuning;
    if (taken < maxRooms) return;
    throw new DomainError('request.too-large', `A connection may be in ${maxRooms} rooms at once.`, {
      details: { limit: maxRooms },
    });
  }
}

function isStream(resolved: ResolvedRoom): resolved is ResolvedRoom & { room: StreamRoom } {
  return resolved.room.kind === 'stream';
}
