import type { ConnectionState, Session, TestcastClient } from '@testcast/client';
import { createContext, useContext, useSyncExternalStore } from 'react';

export interface Live {
  readonly client: TestcastClient;
  readonly session: Session;
  /** A new connection, after the old one was closed for good. */
  readonly reconnect: () => void;
}

export const LiveContext = createContext<Live | undefined>(undefined);

/** The client and the session of the page. Throws outside of the shell. */
export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('useLive outside of the shell');
  return live;
}

export function useConnectionState(): ConnectionState {
  const { connection } = useLive().client;
  return useSyncExternalStore(
    (listener) => connection.onState(listener),
    () => connection.state,
  );
}
