import type { ConnectionState } from '@testcast/client';
import { formatCount } from '../format/count.ts';
import { formatClock } from '../format/time.ts';
import { useConnectionState, useLive } from '../live/live-context.ts';
import { useNow } from '../live/use-now.ts';
import styles from './app-shell.module.css';

/** What the page knows about how fresh it is, and since when. */
export function ConnectionBadge() {
  const { client, reconnect } = useLive();
  const state = useConnectionState();
  return (
    <div className={styles.connection} data-state={state.name}>
      <span role="status" title={'reason' in state ? state.reason : undefined}>
        <span className={styles.dot} aria-hidden="true" />
        {wordsFor(state)}
      </span>
      {state.name === 'offline' && (
        <>
          <Countdown until={state.retryAt} />
          <button type="button" className={styles.retry} onClick={() => client.connection.retryNow()}>
            Retry now
          </button>
        </>
      )}
      {state.name === 'closed' && (
        <button type="button" className={styles.retry} onClick={reconnect}>
          Connect again
        </button>
      )}
    </div>
  );
}

function wordsFor(state: ConnectionState): string {
  switch (state.name) {
    case 'connecting':
      return 'Connecting';
    case 'live':
      return 'Live';
    case 'catchingUp':
      return state.behind === undefined ? 'Catching up' : `Catching up: ${formatCount(state.behind)} behind`;
    case 'offline':
      return `Offline since ${formatClock(state.since)}`;
    default:
      return 'Disconnected';
  }
}

// Outside of the status, which would else be read out once a second.
function Countdown({ until }: { until: number }) {
  const seconds = Math.ceil((until - useNow()) / 1000);
  return <span className={styles.countdown}>{seconds > 0 ? `retry in ${seconds}s` : 'trying'}</span>;
}
