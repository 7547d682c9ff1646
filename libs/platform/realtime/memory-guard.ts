import v8 from 'node:v8';

/** Bytes in use by this process. */
export interface MemoryReading {
  readonly heap: number;
  readonly rss: number;
}

/** Bytes at which the process is full; `rss` is Infinity where nobody limits it. */
export type MemoryLimits = MemoryReading;

/** In the order in which they are gone through; each does what those before it do as well. */
export const memoryLevels = ['calm', 'shedding', 'refusing', 'draining'] as const;
export type MemoryLevel = (typeof memoryLevels)[number];

/** What is done about it. */
export interface MemoryRelief {
  /** Caches are given up: what they held is read again from the store. */
  shed(): void;
  /** Whether newcomers are refused, told when to come again. */
  refuse(refusing: boolean): void;
  /** Some of those who are in are asked to leave; called once a look. */
  drain(): void;
  report(what: string): void;
}

/** Shares of the limit from which a level holds. */
const levelsFrom: Readonly<Record<MemoryLevel, number>> = { calm: 0, shedding: 0.75, refusing: 0.85, draining: 0.95 };
/** A level is left this far below where it begins: what was given up must not be filled again at once. */
const hysteresis = 0.1;
const calmEveryMs = 30_000;
const nearEveryMs = 1000;
/** Garbage counts as used until it is collected: the lowest of as many looks is what is really held. */
const looksTogether = 3;

/** Looks at the memory of the process every 30 seconds, every second near the limit, and relieves it by levels. */
export class MemoryGuard {
  level: MemoryLevel = 'calm';
  /** How often caches were given up. */
  sheds = 0;
  private nextAt = -Infinity;
  private readonly shares: number[] = [];

  constructor(
    private readonly limits: MemoryLimits,
    private readonly relief: MemoryRelief,
    private readonly read: () => MemoryReading = readMemory,
  ) {}

  /** @param now milliseconds of the monotonic clock */
  tick(now: number): void {
    if (now < this.nextAt) return;
    const { heap, rss } = this.read();
    const share = Math.max(heap / this.limits.heap, rss / this.limits.rss);
    const near = share >= levelsFrom.shedding - hysteresis;
    this.nextAt = now + (near ? nearEveryMs : calmEveryMs);
    this.shares.push(share);
    if (this.shares.length > looksTogether) this.shares.shift();
    // A single high look may be garbage; a single low one is proof.
    const held = near && this.shares.length < looksTogether ? 0 : Math.min(...this.shares);
    this.enter(levelAt(held, this.level));
  }

  private enter(level: MemoryLevel): void {
    if (level !== this.level) this.relief.report(`memory: ${this.level} → ${level}`);
    this.level = level;
    const rank = memoryLevels.indexOf(level);
    this.relief.refuse(rank >= memoryLevels.indexOf('refusing'));
    if (level === 'calm') return;
    this.sheds += 1;
    this.relief.shed();
    if (level === 'draining') this.relief.drain();
  }
}

/** The level at a share of the limit, coming from another. */
export function levelAt(share: number, before: MemoryLevel): MemoryLevel {
  const reached = memoryLevels.findLast((level) => share >= levelsFrom[level])!;
  const kept = memoryLevels.findLast((level) => level === 'calm' || share >= levelsFrom[level] - hysteresis)!;
  const rank = (level: MemoryLevel) => memoryLevels.indexOf(level);
  // Up at once; down only as far as what is kept.
  return memoryLevels[Math.max(rank(reached), Math.min(rank(kept), rank(before)))]!;
}

function readMemory(): MemoryReading {
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

/**
 * Limits for a heap of so many bytes: never more than V8 gives, nor, for all of the process, nine tenths of what the
 * container has.
 */
export function memoryLimits(heapBytes: number): MemoryLimits {
  const container = process.constrainedMemory();
  // Without a limit the kernel says a number that no machine has; where it does not know, Node.js says 0.
  const limited = container > 0 && container < Number.MAX_SAFE_INTEGER / 2;
  return {
    heap: Math.min(heapBytes, v8.getHeapStatistics().heap_size_limit),
    rss: limited ? 0.9 * container : Infinity,
  };
}
