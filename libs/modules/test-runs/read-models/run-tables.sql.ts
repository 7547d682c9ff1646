import type { ProjectionTable } from '#platform/messaging';

/*
 * Ids are compared as bytes ("C"), which is what keyset paging promises and what the indexes are fastest at. A running run
 * is written with every batch: none of what is indexed changes then, and the update stays on its page.
 */

/** Runs. `state` is what the next events are folded into; the summary is made of it, the others are for finding it. */
const runSummaries: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      project_id text collate "C" not null,
      run_id text collate "C" not null,
      status text not null,
      branch text,
      search text not null,
      started_at bigint not null,
      version bigint not null,
      end_offset bigint,
      summary jsonb not null,
      state jsonb not null,
      primary key (project_id, run_id)
    ) with (fillfactor = 70)`,
  indexes: (table) => [
    `create index if not exists ${table}_newest on ${table} (project_id, started_at desc, run_id desc)`,
    `create index if not exists ${table}_status on ${table} (project_id, status, started_at desc, run_id desc)`,
    `create index if not exists ${table}_branch on ${table} (project_id, branch, started_at desc, run_id desc)`,
  ],
};

/**
 * Tests of runs. A row is kept as the text that it came in: nobody looks into it here, and to take it apart and put it
 * together again was a third of what writing it cost. The index is of outcomes that people look for and that are few: one
 * of all is written for each result.
 */
const runTests: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      project_id text collate "C" not null,
      run_id text collate "C" not null,
      test_key text collate "C" not null,
      outcome text not null,
      search text not null,
      version bigint not null,
      row json not null,
      primary key (project_id, run_id, test_key)
    ) with (fillfactor = 80)`,
  indexes: (table) => [
    `create index if not exists ${table}_to_look_at on ${table} (project_id, run_id, outcome, test_key)
      where outcome in ('failed', 'flaky')`,
  ],
};

/** What the projection writes, by the names that queries read. */
export const runTables = { run_summaries: runSummaries, run_tests: runTests };
