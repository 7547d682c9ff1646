/** Names of rooms. A stream room's name is its stream's name. */
export const rooms = {
  run: (projectId: string, runId: string) => `run:${projectId}/${runId}`,
  output: (projectId: string, runId: string, testKey: string) => `output:${projectId}/${runId}/${testKey}`,
  project: (projectId: string) => `project:${projectId}`,
  /** The newest run of each project: for who may read all of them. */
  newestRuns: () => 'newest-runs',
  /** Rows by key, see `clusterRowSchemas`: for admins of everything. */
  cluster: () => 'cluster',
  runSummary: (projectId: string, runId: string) => `run-summary:${projectId}/${runId}`,
} as const;

/** The `testKey` of output that belongs to no test. */
export const outputWithoutTest = '_';
