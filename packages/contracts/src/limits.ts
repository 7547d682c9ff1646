/** Sizes of the protocol, in bytes of UTF-8 unless said otherwise. Longer text is cut in the middle, never refused. */
export const limits = {
  messageBytes: 8 * 1024,
  stackBytes: 32 * 1024,
  snippetBytes: 4 * 1024,
  stepsBytes: 16 * 1024,
  outputTextBytes: 16 * 1024,
  itemBytes: 64 * 1024,
  /** Items of one batch, over HTTP or the socket. */
  batchItems: 500,
  batchBytes: 512 * 1024,
  reportBytes: 256 * 1024 * 1024,
  clientFrameBytes: 1024 * 1024,
  serverFrameBytes: 256 * 1024,
  /** Requests of one connection that may wait for their reply at once. */
  inFlight: 16,
  /** A gap of this many events is always sent; a longer one only when no snapshot exists. */
  recoverableGap: 20_000,
  idleTimeoutMs: 32_000,
  ticketMs: 30_000,
  signInCodeMs: 600_000,
} as const;

export type Limits = typeof limits;
