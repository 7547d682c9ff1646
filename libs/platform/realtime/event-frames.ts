import { limits } from '@testcast/contracts';
import type { RecordedEvent } from '#platform/event-store';
import { TextFrame } from './text-frame.ts';

/** Frames of a room are cut near this size, so that a slow link shows progress between two of them. */
export const frameTargetBytes = 64 * 1024;

export interface EventsFrame {
  readonly frame: TextFrame;
  /** Offset of the frame's last event. */
  readonly last: number;
  readonly count: number;
}

/**
 * Consecutive events of a room as `events` frames, encoded once for all subscribers. The data of an event is text
 * already and is put in as it stands.
 */
export function eventFrames(room: string, events: readonly RecordedEvent[]): EventsFrame[] {
  const opening = `{"type":"events","room":${JSON.stringify(room)},"events":[`;
  const frames: EventsFrame[] = [];
  let text = opening;
  let count = 0;
  let last = 0;
  for (const event of events) {
    const item = itemOf(event);
    // Three bytes of UTF-8 a UTF-16 unit is the most there can be, so the limit of the protocol holds without counting.
    const target = Math.min(frameTargetBytes, Math.floor((limits.serverFrameBytes - 2) / 3));
    if (count > 0 && text.length + item.length > target) {
      frames.push({ frame: TextFrame.of(`${text}]}`, room), last, count });
      text = opening;
      count = 0;
    }
    text += count === 0 ? item : `,${item}`;
    count += 1;
    last = event.version;
  }
  if (count > 0) frames.push({ frame: TextFrame.of(`${text}]}`, room), last, count });
  return frames;
}

function itemOf(event: RecordedEvent): string {
  return `{"offset":${event.version},"eventId":"${event.eventId}","type":${JSON.stringify(event.type)},"at":${event.at},"data":${event.dataJson}}`;
}
