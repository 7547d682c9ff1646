import { clientMessages, type SubscribeReply } from '@testcast/contracts';
import { type Caller, DomainError, requireRole, toDomainError } from '#platform/kernel';
import type { ConnectedClient } from './connected-client.ts';
import type { HandlerTable } from './handler-table.ts';
import type { MovedRoom } from './migration/index.ts';
import { TextFrame } from './text-frame.ts';
import { parseData } from './parse-data.ts';
import type { RoomHub } from './room-hub.ts';
import type { ResolvedRoom, RoomRegistry } from './room-registry.ts';
import type { StateRoom, StreamRoom } from './room.ts';
import { StateSubscription } from './state-subscription.ts';
import { requireRecoverable } from './stream-offset.ts';
import { StreamSubscription } from './stream-subscription.ts';
import { placeHeld, type Subscription } from './subscription.ts';

/** Somebody who wants in: a message, or a connection that was in on another server. */
interface Entrant {
  readonly connection: ConnectedClient;
  readonly caller: Caller;
  /** Called once the client knows that it is in. */
  afterReply(followUp: () => void): void;
}

/** `room.subscribe` and `room.unsubscribe`. */
export class RoomHandlers {
  constructor(
    private readonly hub: RoomHub,
    private readonly registry: RoomRegistry,
  ) {}

  addTo(table: HandlerTable): void {
    table.add('room.subscribe', (message) =>
      this.enter(message, parseData(clientMessages['room.subscribe'], message.data)),
    );
    table.add('room.unsubscribe', (message) => this.unsubscribe(message));
  }

  /**
   * Puts a connection that comes from another server into the rooms that it was in. Where it has subscribed by itself
   * meanwhile, that counts; a room that it cannot be in any more says so.
   */
  async restore(connection: ConnectedClient, rooms: readonly MovedRoom[]): Promise<void> {
    for (const wanted of rooms) {
      if (connection.subscriptions.has(wanted.room)) continue;
      let follow = (): void => undefined;
      const afterReply = (followUp: () => void): void => void (follow = followUp);
      try {
        await this.enter({ connection, caller: connection.caller, afterReply }, wanted);
        follow();
      } catch (error) {
        const { code } = toDomainError(error);
        connection.send(TextFrame.ofJson({ type: 'reset', room: wanted.room, reason: `not restored: ${code}` }));
      }
    }
  }

  private async enter(
    entrant: Entrant,
    { room: name, offset, epoch }: { room: string; offset?: number | undefined; epoch?: string | undefined },
  ): Promise<SubscribeReply> {
    const { connection, caller } = entrant;
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
        ? await this.subscribeToStream(entrant, resolved, place, { offset, epoch })
        : await this.subscribeToState(entrant, resolved as ResolvedRoom & { room: StateRoom }, place);
    } catch (error) {
      if (connection.subscriptions.get(name) === place) connection.subscriptions.delete(name);
      throw error;
    }
  }

  private unsubscribe({ connection, data }: { connection: ConnectedClient; data: unknown }): Record<string, never> {
    connection.leaveRoom(parseData(clientMessages['room.unsubscribe'], data).room);
    return {};
  }

  private async subscribeToStream(
    entrant: Entrant,
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
      this.take(entrant, place, () => {
        const subscription = new StreamSubscription(entrant.connection, channel, place.project, place.role, offset);
        channel.add(subscription);
        return subscription;
      });
      const head = Math.max(channel.head, offset);
      return { room: resolved.name, kind: 'stream', epoch: channel.epoch, offset, head };
    }
  }

  private async subscribeToState(
    entrant: Entrant,
    resolved: ResolvedRoom & { room: StateRoom },
    place: Subscription,
  ): Promise<SubscribeReply> {
    await this.hub.requireKept(resolved.room.endedBy?.(resolved.params));
    for (;;) {
      const channel = await this.hub.stateChannel(resolved);
      if (!this.hub.holdsState(channel)) continue;
      this.take(entrant, place, () => {
        const subscription = new StateSubscription(entrant.connection, channel, place.project, place.role);
        channel.add(subscription);
        return subscription;
      });
      return { room: resolved.name, kind: 'state' };
    }
  }

  /** Puts the subscription in the place that was held, unless it has been given up. Frames follow the reply. */
  private take(entrant: Entrant, place: Subscription, subscribe: () => Subscription): void {
    // The caller may have been renewed while the room was opened.
    requireRole(entrant.caller, place.role, place.project);
    const { subscriptions } = entrant.connection;
    if (subscriptions.get(place.room) !== place) return;
    const subscription = subscribe();
    subscriptions.set(place.room, subscription);
    entrant.afterReply(() => subscription.start());
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
