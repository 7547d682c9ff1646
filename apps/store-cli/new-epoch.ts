import type { DataSource } from 'typeorm';
import { beginNewEpoch, currentEpoch } from '#platform/event-store';
import type { Answer } from './answer.ts';

/** Begins a new epoch when that is confirmed; else says which one there is and what a new one would do. */
export async function newEpoch(dataSource: DataSource, confirmed: boolean): Promise<Answer> {
  if (!confirmed) {
    const epoch = await currentEpoch(dataSource);
    const text =
      `The log is in epoch ${epoch}. With a new one every watcher takes a new snapshot, and records of this one that are ` +
      'still in Kafka are dropped. Nothing was changed: say --yes when this database was restored from files or a dump.';
    return { text, json: { epoch }, isWell: false };
  }
  const change = await beginNewEpoch(dataSource);
  return { text: `The log was in epoch ${change.before} and is in ${change.after} now.`, json: change, isWell: true };
}
