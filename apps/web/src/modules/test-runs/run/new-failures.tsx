import { type RefObject, useEffect, useState } from 'react';
import { plural } from '../../../format/count.ts';
import { useCounts } from './watched-run-context.ts';
import styles from './run-page.module.css';

/** Says to who has scrolled past the failures that there are new ones, and leads there. */
export function NewFailures({ failures }: { failures: RefObject<HTMLElement | null> }) {
  const { failed } = useCounts();
  const [away, setAway] = useState(false);
  const [seen, setSeen] = useState(failed);
  useEffect(() => {
    const section = failures.current;
    if (section === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      // Below the screen is not away: whoever reads on comes to it.
      setAway(entry !== undefined && !entry.isIntersecting && entry.boundingClientRect.bottom <= 0);
    });
    observer.observe(section);
    return () => observer.disconnect();
  }, [failures]);
  if (!away && seen !== failed) setSeen(failed);
  const fresh = failed - seen;
  if (!away || fresh <= 0) return null;
  return (
    <button type="button" className={styles.pill} onClick={() => failures.current?.scrollIntoView({ block: 'end' })}>
      ↑ {plural(fresh, 'new failure')}
    </button>
  );
}
