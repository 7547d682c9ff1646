import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Mark } from '../../../ui/mark.tsx';
import { TestDetailView } from '../detail/test-detail.tsx';
import type { RunSearch } from '../search-params.ts';
import styles from './run-page.module.css';
import { useRunView, useShownOutcome, useTestRow } from './watched-run-context.ts';

/** One test beside the list; its key is in the address. */
export function TestPanel({ testKey }: { testKey: string }) {
  const row = useTestRow(testKey);
  const shown = useShownOutcome(testKey);
  const { done } = useRunView();
  const navigate = useNavigate();
  const heading = useRef<HTMLHeadingElement>(null);
  const there = row !== undefined;
  useEffect(() => heading.current?.focus({ preventScroll: true }), [there]);
  const close = (): void =>
    void navigate({ to: '.', search: (before: RunSearch) => ({ ...before, test: undefined }), resetScroll: false });
  if (!there && !done) return null;
  return (
    <aside className={styles.panel} aria-labelledby="opened-test">
      <div className={styles.panelHead}>
        <div>
          {shown !== undefined && <Mark of={shown} />}
          <h2 id="opened-test" ref={heading} tabIndex={-1}>
            {row?.title ?? 'The run has no such test'}
          </h2>
        </div>
        <Button onClick={close} aria-label="Close the test" title="Close (Esc)">
          ✕
        </Button>
      </div>
      {row !== undefined && <TestDetailView testKey={testKey} version={row.version} />}
    </aside>
  );
}
