import { readFileSync } from 'node:fs';

/** Seconds that all cores together have been busy since the machine began; NaN where there is no /proc. */
export function busySeconds(): number {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    const [user, nice, system, , , irq, softirq, steal] = line.split(/ +/).slice(1).map(Number);
    return (user! + nice! + system! + irq! + softirq! + steal!) / 100;
  } catch {
    return Number.NaN;
  }
}
