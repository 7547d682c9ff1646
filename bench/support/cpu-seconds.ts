import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux promises to programs whatever the kernel was built with. */
const ticksPerSecond = 100;

/**
 * Seconds of CPU that a process and its children have used since they began, children that have ended included; NaN
 * where there is no /proc. Rates on a busy machine say little: CPU for each result says the same on a quiet one.
 */
export function cpuSeconds(pid: number): number {
  const stats = [pid, ...childrenOf(pid)].map(statOf);
  if (stats[0] === undefined) return Number.NaN;
  let ticks = 0;
  // utime, stime, and of the process itself cutime and cstime: of its children that were waited for.
  for (const [index, stat] of stats.entries()) {
    if (stat === undefined) continue;
    const used = stat.slice(11, index === 0 ? 15 : 13);
    for (const part of used) ticks += Number(part);
  }
  return ticks / ticksPerSecond;
}

function childrenOf(parent: number): number[] {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => statOf(pid)?.[1] === String(parent));
  } catch {
    return [];
  }
}

/** Fields of /proc/pid/stat after the program's name, which may have blanks and brackets: state, parent, … */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
