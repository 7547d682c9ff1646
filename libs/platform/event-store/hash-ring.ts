import { createHash } from 'node:crypto';

/** Points a member has on the ring; 150 keep the shares of 32 members within about a quarter of their mean. */
export const virtualNodes = 150;

interface Point {
  readonly at: bigint;
  readonly member: number;
}

/**
 * Consistent hashing (Karger et al., 1997): members and keys are points on a circle of 64-bit numbers, the first 8 bytes
 * of a sha256, and a key belongs to the next member clockwise. Another member takes over a share of the keys and leaves
 * the others where they are.
 */
export class HashRing {
  private readonly points: readonly Point[];

  constructor(members: readonly number[]) {
    if (members.length === 0) throw new RangeError('a ring needs a member');
    this.points = members
      .flatMap((member) =>
        Array.from({ length: virtualNodes }, (_, node) => ({ at: hash(`${member}#${node}`), member })),
      )
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.member - b.member));
  }

  memberOf(key: string): number {
    const at = hash(key);
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.points[middle]!.at < at) low = middle + 1;
      else high = middle;
    }
    // Past the last point the circle begins again.
    return this.points[low % this.points.length]!.member;
  }
}

function hash(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigUInt64BE(0);
}
