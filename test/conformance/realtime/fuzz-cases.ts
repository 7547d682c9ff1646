import { clientFrame, handshake, opcodes } from './raw-client.ts';

/** What a client does, and what it may expect. */
export interface FuzzCase {
  readonly kind: string;
  /** Whether a proper handshake comes first. */
  readonly greeted: boolean;
  readonly bytes: Buffer;
  /** Whether the bytes are a whole text message, so that there must be a reply to it, or a close code. */
  readonly message: boolean;
}

/** Numbers of a seed (mulberry32): the same seed gives the same cases. */
export class Dice {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}

const types = [
  'ping',
  'room.subscribe',
  'room.unsubscribe',
  'auth.refresh',
  'state.window',
  'nobody.knows',
  '',
  '__proto__',
];

/** JSON as text: much of it cannot be written by `JSON.stringify`. */
function hostileValue(dice: Dice): string {
  const depth = 1 + dice.below(20_000);
  return dice.of<() => string>([
    () => '['.repeat(depth) + ']'.repeat(depth),
    () => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth),
    () => '['.repeat(depth),
    () => '1'.repeat(1 + dice.below(5000)),
    () => `${dice.of(['-', ''])}1e${dice.of(['999', '-999', '99999999999'])}`,
    () => '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
    () => '{"room":"run:shop/1","room":"run:bank/1","room":[]}',
    () => String.raw`"\ud800"`,
    () => String.raw`{"room":"run:\udfff/\u0000"}`,
    () => `"${'x'.repeat(dice.below(20_000))}"`,
    () => `{"room":"${dice.of(['run:', 'board:', 'nothing:', ''])}${'../'.repeat(dice.below(50))}"}`,
    () => `{"room":"run:shop/1","offset":${dice.of(['-1', '1e308', '0.5', '"0"', 'null', '9007199254740993'])}}`,
    () => dice.of(['null', 'true', '[]', '{}', '""', 'undefined', 'NaN', "'x'", '\u{feff}{}']),
  ])();
}

function hostileMessage(dice: Dice): string {
  const id = dice.of(['1', '"a"', '-1', '1.5', 'null', '{}', `"${'i'.repeat(dice.below(3000))}"`, '1e400', '[1]']);
  const type = dice.below(4) === 0 ? hostileValue(dice) : JSON.stringify(dice.of(types));
  return dice.of<() => string>([
    () => hostileValue(dice),
    () => `{"id":${id},"type":${type},"data":${hostileValue(dice)}}`,
    () => `{"type":${type},"id":${id},"type":${type},"data":${hostileValue(dice)},"data":1,"id":${id}}`,
    () => `{"id":${id},"type":${type}`,
    () => dice.bytes(1 + dice.below(200)).toString('latin1'),
  ])();
}

function flipped(dice: Dice, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let flips = 1 + dice.below(8); flips > 0; flips--) {
    const at = dice.below(copy.length);
    copy[at] = copy[at]! ^ (1 << dice.below(8));
  }
  return copy;
}

function goodFrames(dice: Dice): Buffer {
  const frames = Array.from({ length: 1 + dice.below(4) }, (_, id) =>
    clientFrame({
      opcode: dice.of([opcodes.text, opcodes.text, opcodes.ping, opcodes.binary]),
      payload: `{"id":${id},"type":"room.subscribe","data":{"room":"run:shop/${dice.below(5)}"}}`,
    }),
  );
  return Buffer.concat(frames);
}

/** The next case of a seed. */
export function fuzzCase(dice: Dice, url: string): FuzzCase {
  const greeted = (kind: string, bytes: Buffer): FuzzCase => ({ kind, greeted: true, bytes, message: false });
  const bare = (kind: string, bytes: Buffer): FuzzCase => ({ kind, greeted: false, bytes, message: false });
  return dice.of<() => FuzzCase>([
    () => bare('random bytes', dice.bytes(1 + dice.below(2000))),
    () => bare('a handshake with flipped bits', flipped(dice, Buffer.from(handshake(url)))),
    () => bare('a cut handshake', Buffer.from(handshake(url)).subarray(0, dice.below(250))),
    () => greeted('random bytes for frames', dice.bytes(1 + dice.below(2000))),
    () => greeted('frames with flipped bits', flipped(dice, goodFrames(dice))),
    () => {
      const frames = goodFrames(dice);
      return greeted('cut frames', frames.subarray(0, dice.below(frames.length)));
    },
    () => greeted('a length that never comes', Buffer.concat([Buffer.from([0x81, 0xff]), dice.bytes(12)])),
    ...Array.from({ length: 5 }, () => (): FuzzCase => {
      const bytes = clientFrame({ payload: hostileMessage(dice) });
      return { kind: 'a hostile message', greeted: true, bytes, message: true };
    }),
  ])();
}
