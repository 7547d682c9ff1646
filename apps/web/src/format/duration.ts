/** A duration in milliseconds as people write it: `85 ms`, `1.2s`, `42s`, `1m 24s`, `2h 05m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  const positive = Math.max(0, ms);
  if (positive < 999.5) return `${Math.round(positive)} ms`;
  if (positive < 9_950) return `${(positive / 1000).toFixed(1)}s`;
  const seconds = Math.round(positive / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d ${Math.floor((minutes % 1440) / 60)}h`;
}

/** A clock that ticks by the second: never shows a fraction. */
export function formatElapsed(ms: number): string {
  const whole = Math.floor(Math.max(0, ms) / 1000) * 1000;
  return whole < 10_000 ? `${whole / 1000}s` : formatDuration(whole);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
