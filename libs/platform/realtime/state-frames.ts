import { limits } from '@testcast/contracts';
import { frameTargetBytes } from './event-frames.ts';
import { TextFrame } from './text-frame.ts';

/** Rows of a state room as text, in as many frames as they need. */
export function stateFrames(room: string, items: Iterable<string>): TextFrame[] {
  const frames: TextFrame[] = [];
  let texts: string[] = [];
  let size = 0;
  for (const item of items) {
    if (texts.length > 0 && size + item.length > stateTarget) {
      frames.push(stateFrame(room, texts));
      texts = [];
      size = 0;
    }
    texts.push(item);
    size += item.length;
  }
  if (texts.length > 0) frames.push(stateFrame(room, texts));
  return frames;
}

/** Characters of rows in one frame: see `eventFrames`. */
export const stateTarget = Math.min(frameTargetBytes, Math.floor(limits.serverFrameBytes / 3) - 2048);

/** `flags` is what stands before the items: `"reset":true,` of a window's frames, `"more":true,` of all but its last. */
export function stateFrame(room: string, items: readonly string[], flags = ''): TextFrame {
  return TextFrame.of(`{"type":"state","room":${JSON.stringify(room)},${flags}"items":[${items.join(',')}]}`, room);
}
