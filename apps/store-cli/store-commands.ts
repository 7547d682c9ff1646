import type { DataSource } from 'typeorm';
import {
  type Finding,
  LogVerifier,
  type MoveProgress,
  type PartitionMove,
  Partitions,
  type PartitionStatistics,
  type Rebalanced,
  type ReadModelCheck,
  type VerifyProgress,
} from '#platform/event-store';
import type { Answer } from './answer.ts';
import { newEpoch } from './new-epoch.ts';
import { eraseRun } from './erase-run.ts';
import type { CommandLine } from './command-line.ts';
import { partitionTable } from './partition-table.ts';
import type { ProgressLine } from '#platform/terminal';

/** Damage that is everywhere is known by then. */
const mostFindings = 1_000;

/** What commands need beside the database. */
export interface CommandContext {
  readonly readModels: readonly ReadModelCheck[];
  readonly progress: ProgressLine;
  /** Where runs go before they are erased. */
  readonly exportDir: string;
}

export async function runCommand(
  { command, partition, run, yes, ...options }: CommandLine,
  dataSource: DataSource,
  { readModels, progress, exportDir }: CommandContext,
): Promise<Answer> {
  if (run !== undefined)
    return eraseRun(dataSource, run, { exportDir, show: (what) => progress.show(what, undefined) });
  if (command === 'new-epoch') return newEpoch(dataSource, yes);
  const onProgress = (step: MoveProgress): void => progress.show(...shownAs(step));
  const partitions = new Partitions(dataSource, { ...options, onProgress });
  if (command === 'split' || command === 'drain') return moved(await partitions[command](partition));
  if (command === 'add') return moved(await partitions.add());
  if (command === 'rebalance') return rebalanced(await partitions.rebalance());
  if (command === 'partitions') return shown(await partitions.statistics(), await partitions.unfinished());
  const onCheck = ({ check, done }: VerifyProgress): void => progress.show(check, done);
  const findings = await new LogVerifier(dataSource, { readModels, mostFindings, onProgress: onCheck }).verify();
  return verified(
    findings,
    readModels.map((check) => check.summary()),
  );
}

function shown(statistics: readonly PartitionStatistics[], unfinished: PartitionMove | undefined): Answer {
  const note = unfinished === undefined ? '' : `\n\nNot finished: ${sentenceOf(unfinished)}`;
  return { text: partitionTable(statistics) + note, json: { partitions: statistics, unfinished }, isWell: true };
}

function shownAs({ move, step, rowsMoved }: MoveProgress): [what: string, done: number | undefined] {
  const { rowsTotal } = move;
  const isMoving = step === 'flipped' || step === 'moved' || step === 'settled';
  if (!isMoving) return [`${move.kind} ${move.partition}: ${step}`, undefined];
  return [`${move.kind} ${move.partition}: moving rows`, rowsTotal === 0 ? 1 : Math.min(1, rowsMoved / rowsTotal)];
}

function sentenceOf({ kind, partition, slots, targets, rowsMoved, rowsTotal }: PartitionMove): string {
  const where = [...new Set(targets)].join(', ');
  const rows = `${rowsMoved.toLocaleString('en')} of ${rowsTotal.toLocaleString('en')} rows`;
  return `${kind} ${partition}: ${slots.length} slots to ${where || 'nowhere'}, ${rows} moved.`;
}

const moved = (move: PartitionMove): Answer => ({ text: sentenceOf(move), json: move, isWell: true });

function rebalanced({ splits, indivisible }: Rebalanced): Answer {
  const lines = splits.map(sentenceOf);
  for (const { partition, load } of indivisible) {
    lines.push(`Partition ${partition} has a load of ${load.toFixed(2)} and one slot, which cannot be split.`);
  }
  const text = lines.length === 0 ? 'No partition has a load above 0.85.' : lines.join('\n');
  return { text, json: { splits, indivisible }, isWell: true };
}

function verified(findings: readonly Finding[], looks: readonly string[]): Answer {
  const lines = findings.map(({ check, where, problem }) => `${check}: ${where}: ${problem}`);
  const more = findings.length >= mostFindings ? ' It stopped there: the rest was not looked at.' : '';
  lines.push(...looks, findings.length === 0 ? 'The log is whole.' : `${findings.length} findings.${more}`);
  return { text: lines.join('\n'), json: { findings, looks }, isWell: findings.length === 0 };
}
