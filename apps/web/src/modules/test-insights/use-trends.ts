import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { watchProject } from '@testcast/client';
import type { RunSummary, Trends } from '@testcast/contracts';
import { useEffect } from 'react';
import { useLive } from '../../live/live-context.ts';
import { type TrendsSearch, windowOf } from './trends-search.ts';

/** For what runs count while they go on, and for when the socket is away. */
const refreshMs = 60_000;
/** The room tells of an end as soon as the runs are written; the trends are written beside them. */
const settleMs = 1500;

/** Trends as of now: read again when a run has ended, when the page is looked at again, and every minute. */
export function useTrends(projectId: string, search: TrendsSearch): UseQueryResult<Trends> {
  const { client } = useLive();
  const trends = useQuery({
    queryKey: ['trends', projectId, search.span, search.by],
    queryFn: ({ signal }) => client.http.trends(projectId, windowOf(search, Date.now()), { signal }),
    // While another time is read, the one before stays; never that of another project.
    placeholderData: (before, query) => (query?.queryKey[1] === projectId ? before : undefined),
    refetchInterval: refreshMs,
    refetchOnWindowFocus: true,
  });
  const { refetch } = trends;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let loaded = false;
    const watch = watchProject(client, projectId, {
      runs: (changed: readonly RunSummary[]) => {
        if (!loaded || !changed.some(({ status }) => status !== 'running')) return;
        timer ??= setTimeout(() => {
          timer = undefined;
          void refetch();
        }, settleMs);
      },
      loaded: () => (loaded = true),
      state: () => undefined,
    });
    return () => {
      clearTimeout(timer);
      watch.close();
    };
  }, [client, projectId, refetch]);
  return trends;
}
