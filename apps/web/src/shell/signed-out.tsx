import { Notice } from '../ui/notice.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';
import { WaysIn } from './ways-in.tsx';

/** What to do without a session; the address stays, so that a shared link works after signing in. */
export function SignedOut() {
  usePageTitle('Signed out');
  return (
    <Notice title="You are signed out">
      <p>
        Sign in with a link: each works once, within ten minutes. Then open this page again; its address stays as it is.
      </p>
      <WaysIn />
    </Notice>
  );
}
