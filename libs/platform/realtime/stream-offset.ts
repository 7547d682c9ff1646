import { DomainError } from '#platform/kernel';
import type { RoomHub } from './room-hub.ts';
import type { RoomParams, StreamRoom } from './room.ts';
import type { StreamChannel } from './stream-channel.ts';

export interface WantedOffset {
  readonly offset: number;
  readonly epoch: string | undefined;
}

/**
 * Throws `room.unrecoverable` unless every event after the offset can be sent: never a part of a gap.
 *
 * Always for an offset above the head, or of an older epoch and above its fork; for a gap over the limit only when a
 * snapshot with a higher `asOf` exists, else the whole gap is sent.
 */
export async function requireRecoverable(
  hub: RoomHub,
  channel: StreamChannel,
  { room, params }: { room: StreamRoom; params: RoomParams },
  { offset, epoch }: WantedOffset,
): Promise<void> {
  if (offset > 0 && epoch === undefined) {
    throw new DomainError('request.invalid', 'An offset above 0 needs the epoch that it was seen in.', {
      details: { issues: [{ path: 'epoch', message: 'is needed with an offset above 0' }] },
    });
  }
  if (offset > 0 && !(await isOfThisLog(hub, channel, offset, epoch!))) {
    throw unrecoverable(await room.snapshotVersion?.(params));
  }
  if (channel.head - offset <= hub.tuning.recoverableGap) return;
  const asOf = await room.snapshotVersion?.(params);
  if (asOf !== undefined && asOf > offset) throw unrecoverable(asOf);
}

async function isOfThisLog(hub: RoomHub, channel: StreamChannel, offset: number, epoch: string): Promise<boolean> {
  return (await isBelowHead(hub, channel, offset)) && isOfHistory(hub, channel, offset, epoch);
}

async function isBelowHead(hub: RoomHub, channel: StreamChannel, offset: number): Promise<boolean> {
  if (offset <= channel.head) return true;
  // Another gateway may have delivered what has not reached this one yet.
  const { version } = await hub.pages.head(channel.name);
  channel.noteHead(version);
  return offset <= version;
}

async function isOfHistory(hub: RoomHub, channel: StreamChannel, offset: number, epoch: string): Promise<boolean> {
  if (epoch === channel.epoch) return true;
  const epochs = await hub.epochList(channel.epoch);
  const index = epochs.findIndex((known) => known.epoch === epoch);
  if (index === -1) return false;
  // What lies above a later fork was lost there, and others have been written in its place.
  const fork = Math.min(...epochs.slice(index + 1).map(({ heads }) => heads[channel.slot] ?? 0));
  const event = await hub.pages.event(channel.name, offset);
  return event !== undefined && event.position <= fork;
}

function unrecoverable(asOf: number | undefined): DomainError {
  return new DomainError('room.unrecoverable', undefined, asOf === undefined ? {} : { details: { asOf } });
}
