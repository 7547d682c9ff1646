import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { asTestcastError, type TestcastError } from '@testcast/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { http, sessionKey, useSession } from '../../live/session.ts';
import { PublicFrame } from '../../shell/public-frame.tsx';
import { WaysIn } from '../../shell/ways-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { usePageTitle } from '../../ui/use-page-title.ts';
import { openedWith } from './sign-in-code.ts';

export function SignInPage() {
  return (
    <PublicFrame>
      <SignIn />
    </PublicFrame>
  );
}

/** Exchanges the code of a link for a session, once. */
function SignIn() {
  usePageTitle('Sign in');
  const [error, setError] = useState<TestcastError>();
  const begun = useRef(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signIn = useCallback(
    async (code: string): Promise<void> => {
      setError(undefined);
      try {
        queries.setQueryData(sessionKey, await http.signIn(code));
        await navigate({ to: '/', replace: true });
      } catch (cause) {
        setError(asTestcastError(cause));
      }
    },
    [navigate, queries],
  );
  useEffect(() => {
    if (begun.current || openedWith === undefined) return;
    begun.current = true;
    void signIn(openedWith);
  }, [signIn]);

  if (openedWith === undefined) return <BadLink title="This link has no code" />;
  if (error === undefined) return <Notice title="Signing in" />;
  if (!error.temporary) return <BadLink title="This link has been used, or has expired" />;
  return (
    <Notice title="Signing in did not work" tone="failed">
      <p>{error.message} The link is still good.</p>
      <Button onClick={() => void signIn(openedWith!)}>Try again</Button>
    </Notice>
  );
}

function BadLink({ title }: { title: string }) {
  const session = useSession();
  return (
    <Notice title={title}>
      <p>A sign-in link works once, within ten minutes.</p>
      {session.data !== undefined ? (
        <p>
          You are signed in already: <Link to="/">go to the projects</Link>.
        </p>
      ) : (
        <WaysIn />
      )}
    </Notice>
  );
}
