import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, sessionKey } from '../live/session.ts';
import styles from './app-shell.module.css';

export function SignOutButton({ subject }: { subject: string }) {
  const queries = useQueryClient();
  const [failed, setFailed] = useState(false);
  const signOut = async (): Promise<void> => {
    try {
      await http.signOut();
      // Nothing that was read with the session may be shown to who comes next.
      queries.clear();
      await queries.resetQueries({ queryKey: sessionKey });
      window.location.assign('/');
    } catch {
      setFailed(true);
    }
  };
  return (
    <button type="button" className={styles.tool} onClick={() => void signOut()} title={`Signed in as ${subject}`}>
      {failed ? 'Not signed out: try again' : 'Sign out'}
    </button>
  );
}
