import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { RunCounts, TestRow } from '@testcast/contracts';
import type { ShownOutcome } from '../store/shown-outcome.ts';
import type { RunView, WatchedRun } from '../store/watched-run.ts';

export const WatchedRunContext = createContext<WatchedRun | undefined>(undefined);

export function useWatchedRun(): WatchedRun {
  const watched = useContext(WatchedRunContext);
  if (watched === undefined) throw new Error('useWatchedRun outside of a run page');
  return watched;
}

export function useRunView(): RunView {
  const { subscribe, view } = useWatchedRun();
  return useSyncExternalStore(subscribe, view);
}

/** The counts of the whole page: the server's own until all tests are here, since they say more until then. */
export function useCounts(): RunCounts {
  const { tests } = useWatchedRun();
  const { done, summary } = useRunView();
  const live = useSyncExternalStore(tests.subscribeList, () => tests.counts);
  return done ? live : (summary?.counts ?? live);
}

/** How many tests are shown as what; together they are all there are. */
export function useShownCounts(): Readonly<Record<ShownOutcome, number>> {
  const { tests } = useWatchedRun();
  const counts = useCounts();
  const live = useSyncExternalStore(tests.subscribeList, () => tests.running);
  const running = Math.min(live, counts.pending);
  return { ...counts, running, pending: counts.pending - running };
}

/** What all tests took together, milliseconds. */
export function useTestsDuration(): number {
  const { tests } = useWatchedRun();
  return useSyncExternalStore(tests.subscribeList, () => tests.durationMs);
}

export function useShownOutcome(testKey: string): ShownOutcome | undefined {
  const { tests } = useWatchedRun();
  return useSyncExternalStore(
    (listener) => tests.subscribeRow(testKey, listener),
    () => tests.shownOutcome(testKey),
  );
}

export function useTestRow(testKey: string): TestRow | undefined {
  const { tests } = useWatchedRun();
  return useSyncExternalStore(
    (listener) => tests.subscribeRow(testKey, listener),
    () => tests.row(testKey),
  );
}

/** Renders anew at most every `everyMs` while tests change: for what is read by people, not counted. */
export function usePacedTests(everyMs: number): number {
  const { tests } = useWatchedRun();
  const [version, setVersion] = useState(tests.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion(tests.version());
      }, everyMs);
    };
    look();
    const unlisten = tests.subscribeList(look);
    return () => {
      unlisten();
      clearTimeout(timer);
    };
  }, [tests, everyMs]);
  return version;
}
