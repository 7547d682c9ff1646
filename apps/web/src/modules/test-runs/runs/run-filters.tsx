import { useNavigate } from '@tanstack/react-router';
import type { RunStatus, RunSummary } from '@testcast/contracts';
import { type RefObject, useMemo } from 'react';
import { SearchField } from '../search-field.tsx';
import { type RunsSearch, runStatusWords } from '../search-params.ts';
import styles from './runs-page.module.css';

/** Filters that live in the address, so that a list can be shared as it is. */
export function RunFilters({
  runs,
  filter,
  searchRef,
}: {
  runs: ReadonlyMap<string, RunSummary>;
  filter: RunsSearch;
  searchRef: RefObject<HTMLInputElement | null>;
}) {
  const navigate = useNavigate({ from: '/p/$projectId' });
  const branches = useMemo(() => {
    const names = new Set([...runs.values()].flatMap(({ branch }) => (branch === undefined ? [] : [branch])));
    if (filter.branch !== undefined) names.add(filter.branch);
    return [...names].sort();
  }, [runs, filter.branch]);
  const change = (part: RunsSearch): void =>
    void navigate({ search: (before: RunsSearch) => ({ ...before, ...part }), replace: true });
  return (
    <div className={styles.filters} role="search">
      <select
        aria-label="Branch"
        value={filter.branch ?? ''}
        onChange={({ target }) => change({ branch: target.value === '' ? undefined : target.value })}
      >
        <option value="">all branches</option>
        {branches.map((branch) => (
          <option key={branch}>{branch}</option>
        ))}
      </select>
      <select
        aria-label="Status"
        value={filter.status ?? ''}
        onChange={({ target }) => change({ status: target.value === '' ? undefined : (target.value as RunStatus) })}
      >
        <option value="">all statuses</option>
        {runStatusWords.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
      <SearchField ref={searchRef} label="Search runs" value={filter.q ?? ''} onChange={(q) => change({ q })} />
    </div>
  );
}
