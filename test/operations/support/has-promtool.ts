import { execFileSync } from 'node:child_process';

/** Whether alerts can be tried here; false, with one loud line, where they cannot. @throws Error instead when CI is set */
export function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const message = 'no promtool. Install Prometheus (Debian: prometheus).';
    if (process.env['CI']) throw new Error(message);
    console.warn(`\n*** THE TESTS OF ALERTS ARE SKIPPED: ${message} ***\n`);
    return false;
  }
}
