import { hash } from 'node:crypto';

/** The slot of a stream: the last byte of sha256 over its name, which is the digest modulo 256. */
export function slotOf(stream: string): number {
  // As text: a Hash object, or a Buffer of its own, is more work for the collector than the digest is.
  return Number.parseInt(hash('sha256', stream, 'hex').slice(-2), 16);
}
