import type { RunSummary } from '@testcast/contracts';
import { plural } from '../../../format/count.ts';

/** What a run that is over lacks, as a sentence; undefined where it lacks nothing, or is not over. */
export function missingFrom(run: RunSummary): string | undefined {
  if (run.status === 'running' || (run.complete && run.status !== 'interrupted')) return undefined;
  const { counts, expectedTests, shards, shardsLeftOut = 0, status } = run;
  const parts: string[] = [];
  const absent = (expectedTests ?? 0) - counts.tests;
  if (absent > 0) parts.push(`${plural(absent, 'expected test')} never came`);
  if (counts.pending > 0) parts.push(`${plural(counts.pending, 'test')} never finished`);
  const open = shards.filter((shard) => shard.status === 'running').map(({ shardId }) => shardId);
  if (open.length > 0) parts.push(`${open.length === 1 ? 'shard' : 'shards'} ${named(open)} never ended`);
  const announced = Math.max(0, ...shards.map(({ total }) => total ?? 0));
  const distinct = new Set(shards.map(({ shardId }) => shardId)).size + shardsLeftOut;
  if (announced > distinct) parts.push(`${plural(announced - distinct, 'shard')} never began`);
  if (parts.length === 0 && counts.tests === 0) parts.push('no test was reported');
  return `${beginning[status]}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`;
}

const beginning = {
  // By the sender's word, or because the run went quiet: the summary does not say which.
  interrupted: 'The run was interrupted',
  cancelled: 'The run was cancelled',
  passed: 'The run ended incomplete',
  failed: 'The run ended incomplete',
} as const;

const shownNames = 5;

function named(shardIds: readonly string[]): string {
  const more = shardIds.length - shownNames;
  return shardIds.slice(0, shownNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
