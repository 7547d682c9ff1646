import { Notice } from '../ui/notice.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';

/** What to do without a session; the address stays, so that a shared link works after signing in. */
export function SignedOut() {
  usePageTitle('Signed out');
  return (
    <Notice title="You are signed out">
      <p>Sign in with a link that works once. There are two ways to get one:</p>
      <ul>
        <li>
          Where Testcast runs on your machine, start it again: it prints a link below the line{' '}
          <code>Testcast is ready on …</code>
        </li>
        <li>
          Else ask somebody who administers the project: the page <b>Keys</b> makes a link for you.
        </li>
      </ul>
      <p>Then open this page again: its address stays as it is.</p>
    </Notice>
  );
}
