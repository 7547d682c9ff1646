import type { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { TextFrame } from './text-frame.ts';

// Exported by the package, missing in its types.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What the parser of ws makes of the bytes. */
function received(wire: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const receiver = new Receiver({ isServer: false });
    receiver.on('message', (data: Buffer) => resolve(data.toString()));
    receiver.on('error', reject);
    receiver.write(wire);
  });
}

describe('a text frame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 300_000])(
    'of %i bytes is read as what it was made of',
    async (length) => {
      const text = 'a'.repeat(length);
      const frame = TextFrame.of(text);
      expect(await received(frame.wire)).toBe(text);
      expect(frame.payload.toString()).toBe(text);
    },
  );

  it('counts bytes and not characters', async () => {
    const text = 'prüfung ✓ 🧪'.repeat(20);
    expect(await received(TextFrame.of(text).wire)).toBe(text);
  });
});
