import type { ReactNode } from 'react';
import styles from './app-shell.module.css';
import { ThemeToggle } from './theme-toggle.tsx';

/** The frame of pages for who is not signed in. */
export function PublicFrame({ children }: { children: ReactNode }) {
  return (
    <>
      <header className={styles.header}>
        <span className={`${styles.brand} ${styles.alone}`}>Testcast</span>
        <ThemeToggle />
      </header>
      <main className={styles.main}>{children}</main>
    </>
  );
}
