import { createHash } from 'node:crypto';

/** The slot of a stream: the last byte of sha256 over its name, which is the digest modulo 256. */
export function slotOf(stream: string): number {
  return createHash('sha256').update(stream).digest()[31]!;
}
