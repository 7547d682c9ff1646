import { formatAbsolute, formatRelative } from '../format/time.ts';
import { useNow } from '../live/use-now.ts';

export function RelativeTime({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatAbsolute(at)}>
      {formatRelative(at, useNow())}
    </time>
  );
}
