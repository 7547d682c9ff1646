import { setTimeout as delay } from 'node:timers/promises';

const lockNotAvailable = '55P03';
const tries = 50;

/**
 * Does again what gave up waiting for a lock, after a random while that grows to a second: by then those that hold it, or
 * that came after us, have gone on.
 */
export async function patiently(attempt: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== lockNotAvailable || tried === tries) throw error;
      await delay(Math.min(50 * tried, 1_000) * (0.5 + Math.random()));
    }
  }
}
