const firstMs = 50;
const longestMs = 5_000;

/**
 * Milliseconds to wait before the attempt after the given one (1, 2, 3 …): doubling from 50 ms to 5 s, of which a random
 * half to the whole is taken, so that processes that failed together do not come back together.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return full * (0.5 + random() / 2);
}
