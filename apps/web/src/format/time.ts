const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `just now`, `5 min ago`, `in 2 h`, `1 day ago`; a date from 30 days on. Both in epoch milliseconds. */
export function formatRelative(at: number, now: number): string {
  const ms = Math.abs(at - now);
  if (ms < minuteMs) return at - now > 5_000 ? 'in a moment' : 'just now';
  if (ms >= 30 * dayMs) return date.format(at);
  const span = spanOf(ms);
  return at > now ? `in ${span}` : `${span} ago`;
}

function spanOf(ms: number): string {
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)} h`;
  const days = Math.floor(ms / dayMs);
  return days === 1 ? '1 day' : `${days} days`;
}

/** With the second, in the reader's own time zone. */
export function formatAbsolute(at: number): string {
  return absolute.format(at);
}

export function formatClock(at: number): string {
  return clock.format(at);
}
