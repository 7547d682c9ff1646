/** Random numbers that a printed seed brings back (mulberry32). */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** min ≤ n ≤ max */
  between(min: number, max: number): number;
  pick<T>(values: readonly T[]): T;
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return { next, between, pick: (values) => values[between(0, values.length - 1)]! };
}

/** The seed of this run: TEST_SEED, else a new one, printed so that a failure can be repeated. */
export function printedSeed(what: string): number {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`${what}: TEST_SEED=${seed}`);
  return seed;
}
