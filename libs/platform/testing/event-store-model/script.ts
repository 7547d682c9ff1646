import fc from 'fast-check';

/** Streams of a script: three in each of two slots. */
export const streamsOfScript = 6;
export const nodesOfScript = 2;

const event = fc.record({
  /** 0: an event that nobody has sent; n: the n-th last of those that were. */
  again: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }) }),
  /** Mostly the same, so that most of what is sent again is a repeat and not a clash. */
  content: fc.nat(3).map((n) => Math.max(0, n - 2)),
  lifecycle: fc.boolean(),
});

const send = fc.record({
  node: fc.nat(nodesOfScript - 1),
  stream: fc.nat(streamsOfScript - 1),
  check: fc.constantFrom('none', 'none', 'none', 'version', 'guard'),
  /** How far what it expects is from what was so before the round. */
  off: fc.constantFrom(0, 0, 0, 1, -1),
  events: fc.array(event, { minLength: 1, maxLength: 8 }),
  /** Whether to send, instead of all this, the last append of this stream as a whole once more. */
  resend: fc.constantFrom(false, false, false, true),
});

const read = fc.record({
  node: fc.nat(nodesOfScript - 1),
  kind: fc.constantFrom('slot', 'slots', 'slots', 'stream', 'stream', 'lifecycle', 'heads'),
  which: fc.nat(streamsOfScript - 1),
  limit: fc.constantFrom(1, 3, 1_000),
  /** An event has 13: the second of these is two of them to the byte. */
  maxBytes: fc.constantFrom(1, 26, 1_000_000),
});

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ does: 'nothing' as const }) },
  { weight: 7, arbitrary: fc.record({ does: fc.constant('step' as const), times: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('begin' as const),
      operation: fc.constantFrom('split' as const, 'split' as const, 'drain' as const, 'add' as const),
      slot: fc.nat(1),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'kill' as const }) },
);

const fault = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record({ node: fc.nat(nodesOfScript - 1), cut: fc.boolean() }) },
);

/** Everything of a round is under way at once. */
const round = fc.record({
  sends: fc.array(send, { maxLength: 6 }),
  reads: fc.array(read, { maxLength: 4 }),
  operation,
  fault,
});

export const script = fc.array(round, { minLength: 5, maxLength: 25 });

type Of<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
export type Round = Of<typeof round>;
export type Send = Of<typeof send>;
export type Read = Of<typeof read>;
export type Operation = Of<typeof operation>;
