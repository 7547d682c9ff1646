import { useQueryClient } from '@tanstack/react-query';
import { createClient, type Session } from '@testcast/client';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { LiveContext } from './live-context.ts';
import { sessionKey } from './session.ts';

/** One client for all pages of a session, connected from the start so that the badge always tells the truth. */
export function LiveProvider({ session, children }: { session: Session; children: ReactNode }) {
  const queries = useQueryClient();
  const [generation, setGeneration] = useState(0);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new generation is a new client
  const client = useMemo(() => createClient(), [generation]);
  useEffect(() => {
    client.connection.open();
    const unlisten = client.connection.onState((state) => {
      // The session has ended: asking again shows the page that says so.
      if (state.name === 'closed' && String(state.code).startsWith('auth.')) {
        void queries.invalidateQueries({ queryKey: sessionKey });
      }
    });
    return () => {
      unlisten();
      client.connection.close('the page is left');
    };
  }, [client, queries]);
  const live = useMemo(
    () => ({ client, session, reconnect: () => setGeneration((before) => before + 1) }),
    [client, session],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}
