import { Link, Outlet } from '@tanstack/react-router';
import { TestcastError } from '@testcast/client';
import { LiveProvider } from '../live/live-provider.tsx';
import { isAdmin, useSession } from '../live/session.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import type { NavEntry } from '../web-module.ts';
import styles from './app-shell.module.css';
import { ConnectionBadge } from './connection-badge.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { PublicFrame } from './public-frame.tsx';
import { rootRoute } from './root-route.tsx';
import { SignedOut } from './signed-out.tsx';
import { SignOutButton } from './sign-out-button.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

/** The frame of every page that needs a session; who has none is told how to get one. */
export function AppShell() {
  const { nav }: { nav: readonly NavEntry[] } = rootRoute.useRouteContext();
  const session = useSession();
  if (session.data !== undefined && !isSignedOut(session.error)) {
    const admin = isAdmin(session.data);
    return (
      <LiveProvider session={session.data}>
        <a className={styles.skip} href="#main">
          Skip to content
        </a>
        <header className={styles.header}>
          <Link to="/" className={styles.brand}>
            Testcast
          </Link>
          <nav className={styles.nav} aria-label="Main">
            {nav
              .filter(({ adminOnly }) => admin || adminOnly !== true)
              .map(({ label, to }) => (
                <Link key={to} to={to} activeOptions={{ exact: true }}>
                  {label}
                </Link>
              ))}
          </nav>
          <ConnectionBadge />
          <KeyboardHelp />
          <ThemeToggle />
          <SignOutButton subject={session.data.subject} />
        </header>
        <main id="main" className={styles.main} tabIndex={-1}>
          <Outlet />
        </main>
      </LiveProvider>
    );
  }
  if (isSignedOut(session.error)) {
    return (
      <PublicFrame>
        <SignedOut />
      </PublicFrame>
    );
  }
  if (session.error !== null) {
    return (
      <PublicFrame>
        <Notice title="The server cannot be reached" tone="failed">
          <p>{session.error.message}</p>
          <Button onClick={() => void session.refetch()}>Try again</Button>
        </Notice>
      </PublicFrame>
    );
  }
  return (
    <main className={styles.main}>
      <Skeleton rows={6} />
    </main>
  );
}

function isSignedOut(error: Error | null): boolean {
  return error instanceof TestcastError && error.code.startsWith('auth.') && !error.temporary;
}
