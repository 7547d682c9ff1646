import { hash } from 'node:crypto';

/**
 * How often each name came in a report, and how many attempts its last test has. Keyed by 53 bits of sha256 in typed
 * arrays, because the names of two million tests would not stay within a flat memory: 24 to 48 bytes a test instead.
 */
export class RepeatTable {
  private capacity = 1024;
  private keys = new Float64Array(this.capacity);
  private tests = new Uint32Array(this.capacity);
  private attempts = new Uint16Array(this.capacity);
  private used = 0;

  /** `tests`: how many tests of this name there were; `attempts`: of the last of them. `key` of {@link keyOf}. */
  get(key: number): { tests: number; attempts: number } {
    const slot = this.slotOf(key);
    return { tests: this.tests[slot]!, attempts: this.attempts[slot]! };
  }

  set(key: number, tests: number, attempts: number): void {
    let slot = this.slotOf(key);
    if (this.keys[slot] === 0) {
      if (this.used * 2 >= this.capacity) {
        this.grow();
        slot = this.slotOf(key);
      }
      this.keys[slot] = key;
      this.used += 1;
    }
    this.tests[slot] = tests;
    this.attempts[slot] = attempts;
  }

  private slotOf(key: number): number {
    let slot = key % this.capacity;
    while (this.keys[slot] !== 0 && this.keys[slot] !== key) slot = (slot + 1) % this.capacity;
    return slot;
  }

  private grow(): void {
    const { keys, tests, attempts } = this;
    this.capacity *= 2;
    this.keys = new Float64Array(this.capacity);
    this.tests = new Uint32Array(this.capacity);
    this.attempts = new Uint16Array(this.capacity);
    keys.forEach((key, from) => {
      if (key === 0) return;
      const slot = this.slotOf(key);
      this.keys[slot] = key;
      this.tests[slot] = tests[from]!;
      this.attempts[slot] = attempts[from]!;
    });
  }
}

/** A number for a name, never zero, which marks a free slot. */
export function keyOf(name: string): number {
  const digest = hash('sha256', name, 'buffer');
  return digest.readUIntBE(0, 6) * 32 + (digest[6]! >> 3) || 1;
}
