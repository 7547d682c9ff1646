import { setTimeout as delay } from 'node:timers/promises';
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

/** A place in a room that is being opened. */
interface Held {
  readonly resolved: ResolvedRoom;
  readonly place: Subscription;
}

/** A store that is away is asked again for this long, before a room counts as not restored. */
const restoreTries = 10;
const restoreEveryMs = 500;

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
   * Puts a connection that comes from another server into the rooms that it was in. Where it subscribes or unsubscribes by
   * itself meanwhile, that counts; a room that it cannot be in any more says so.
   */
  async restore(connection: ConnectedClient, rooms: readonly MovedRoom[]): Promise<void> {
    // All places first: what the client asks for while the first room opens is then seen for the last one as well.
    const places = rooms
      .filter(({ room }) => !connection.subscriptions.has(room))
      .map((wanted) => ({ wanted, held: this.holdRestored(connection, wanted.room) }));
    for (const { wanted, held } of places) if (held !== undefined) await this.restoreOne(connection, wanted, held);
  }

  /** Until it is in, or has lost its place, or the store has been away for too long. */
  private async restoreOne(connection: ConnectedClient, wanted: MovedRoom, { resolved, place }: Held): Promise<void> {
    for (let tries = 1; isHeld(connection, place); tries++) {
      let follow = (): void => undefined;
      const entrant: Entrant = {
        connection,
        get caller() {
          return connection.caller;
        },
        afterReply: (followUp) => (follow = followUp),
      };
      try {
        await this.subscribeAt(entrant, resolved, place, wanted);
        follow();
        return;
      } catch (error) {
        const { code, temporary } = toDomainError(error);
        if (temporary && tries < restoreTries) await delay(restoreEveryMs);
        else if (isHeld(connection, place)) connection.leaveRoom(wanted.room, notRestored(wanted.room, code));
      }
    }
  }

  private holdRestored(connection: ConnectedClient, room: string): Held | undefined {
    try {
      const { resolved, project, role } = this.admitted(connection.caller, room);
      // The greeting has said that it is in: who is put out meanwhile has to hear of it.
      const stop = (farewell?: TextFrame): void => {
        if (farewell !== undefined) connection.send(farewell);
      };
      const place = { ...placeHeld(room, project, role), stop };
      connection.subscriptions.set(room, place);
      return { resolved, place };
    } catch (error) {
      connection.send(notRestored(room, toDomainError(error).code));
      return undefined;
    }
  }

  /** Throws `room.unknown` and `auth.forbidden`. */
  private admitted(caller: Caller, name: string) {
    const resolved = this.registry.resolve(name);
    const project = resolved.room.projectOf(resolved.params);
    const role = resolved.room.role ?? 'read';
    requireRole(caller, role, project);
    return { resolved, project, role };
  }

  private async enter(entrant: Entrant, wanted: MovedRoom): Promise<SubscribeReply> {
    const { connection, caller } = entrant;
    const { room: name } = wanted;
    const { resolved, project, role } = this.admitted(caller, name);
    // A second subscription to a room takes the place of the first.
    connection.leaveRoom(name);
    this.requirePlace(connection.subscriptions.size);
    const place = placeHeld(name, project, role);
    connection.subscriptions.set(name, place);
    try {
      return await this.subscribeAt(entrant, resolved, place, wanted);
    } catch (error) {
      if (isHeld(connection, place)) connection.subscriptions.delete(name);
      throw error;
    }
  }

  private subscribeAt(
    entrant: Entrant,
    resolved: ResolvedRoom,
    place: Subscription,
    { offset, epoch }: MovedRoom,
  ): Promise<SubscribeReply> {
    return isStream(resolved)
      ? this.subscribeToStream(entrant, resolved, place, { offset, epoch })
      : this.subscribeToState(entrant, resolved as ResolvedRoom & { room: StateRoom }, place);
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

function isHeld({ subscriptions }: ConnectedClient, place: Subscription): boolean {
  return subscriptions.get(place.room) === place;
}

function notRestored(room: string, code: string): TextFrame {
  return TextFrame.ofJson({ type: 'reset', room, reason: `not restored: ${code}` });
}
