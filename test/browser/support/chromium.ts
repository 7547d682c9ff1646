import { existsSync } from 'node:fs';

const wanted = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** The browser of these tests, or undefined, with one loud line, where there is none. Throws instead when CI is set. */
export function findChromium(): string | undefined {
  if (existsSync(wanted)) return wanted;
  const says = `BROWSER TESTS SKIPPED: no ${wanted}; install Chromium (apt-get install chromium) or set CHROMIUM_PATH`;
  if (process.env['CI']) throw new Error(says);
  console.warn(says);
  return undefined;
}

export const chromiumPath = findChromium();
