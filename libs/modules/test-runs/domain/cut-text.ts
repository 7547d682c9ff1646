/**
 * Text of at most `maxBytes` of UTF-8: what is longer loses its middle, since both the beginning of a trace (what) and its
 * end (where) are worth keeping. Cuts between characters only. Answers undefined when nothing had to be cut.
 */
export function cutMiddle(text: string, maxBytes: number): string | undefined {
  // A UTF-16 unit takes three bytes at most: most texts are let through without being encoded.
  if (text.length * 3 <= maxBytes) return undefined;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return undefined;
  const marker = `\n… ${bytes.length - maxBytes} bytes or more were cut here …\n`;
  const room = Math.max(0, maxBytes - Buffer.byteLength(marker));
  const head = bytes.subarray(0, boundaryBefore(bytes, Math.ceil(room / 2)));
  const tail = bytes.subarray(boundaryAfter(bytes, bytes.length - Math.floor(room / 2)));
  return `${head.toString('utf8')}${marker}${tail.toString('utf8')}`;
}

// Bytes 10xxxxxx continue a character.
function continues(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function boundaryBefore(bytes: Buffer, index: number): number {
  let at = index;
  while (at > 0 && continues(bytes[at])) at -= 1;
  return at;
}

function boundaryAfter(bytes: Buffer, index: number): number {
  let at = index;
  while (at < bytes.length && continues(bytes[at])) at += 1;
  return at;
}
