import type { ReactNode } from 'react';
import styles from './notice.module.css';

/** A page or part that has nothing to show: says why, and what to do next. */
export function Notice({
  title,
  tone = 'plain',
  children,
}: {
  title: string;
  tone?: 'plain' | 'failed' | 'flaky';
  children?: ReactNode;
}) {
  return (
    <section className={styles.notice} data-tone={tone} role={tone === 'failed' ? 'alert' : undefined}>
      <h1>{title}</h1>
      {children}
    </section>
  );
}

/** One line above something that is shown, but not whole. */
export function Banner({ tone, children }: { tone: 'plain' | 'failed' | 'flaky'; children: ReactNode }) {
  return (
    <p className={styles.banner} data-tone={tone}>
      {children}
    </p>
  );
}
