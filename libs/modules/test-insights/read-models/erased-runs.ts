import type { ProjectionBatch, ProjectionContext } from '#platform/messaging';

/** $1 projectIds, $2 runIds. */
const deleteOfRuns = (table: string): string => `
  delete from ${table} as known
  using unnest($1::text[], $2::text[]) as key (project_id, run_id)
  where known.project_id = key.project_id and known.run_id = key.run_id`;

/** Removes what is kept of erased runs to correct their buckets by. */
export async function forgetRuns({ tx, table }: ProjectionContext, batch: ProjectionBatch): Promise<void> {
  const runs = batch
    .filter(({ type }) => type === 'run.erased')
    .map(({ stream }) => /^run:([^/]+)\/([^/]+)$/.exec(stream)!);
  if (runs.length === 0) return;
  const keys = [runs.map((match) => match[1]), runs.map((match) => match[2])];
  await tx.query(deleteOfRuns(table('trend_tests')), keys);
  await tx.query(deleteOfRuns(table('trend_workers')), keys);
}
