import { readFileSync } from 'node:fs';

/** Bytes of a process's own memory that are in RAM: without files and what is shared. NaN where there is no /proc. */
export function ownMemory(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, 'RssAnon') * 1_024;
}

/** Bytes that the kernel's own objects take on the whole machine; NaN where there is no /proc. */
export function kernelMemory(): number {
  return kilobytes('/proc/meminfo', 'Slab') * 1_024;
}

function kilobytes(file: string, name: string): number {
  try {
    const line = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(file, 'utf8'));
    return line === null ? Number.NaN : Number(line[1]);
  } catch {
    return Number.NaN;
  }
}
