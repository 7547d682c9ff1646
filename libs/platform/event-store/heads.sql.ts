import type { PreparedQuery } from './pooled-connection.ts';

/** Of a row of store_epochs. Two histories that forked from one have epochs of one number; their forks tell them apart. */
export const epochName = `store_id || '.' || n || fork`;

export type HeadsRow = readonly [n: number, epoch: string, current: boolean, positions: string[], timeline: string];

/**
 * Epoch and heads of one moment. `current` is false when the server writes another history than the newest epoch's: a
 * fail-over (another timeline) or a copy brought up elsewhere (another system identifier).
 */
export const readHeads: PreparedQuery = {
  name: 'read-heads',
  text: `select n, ${epochName},
  timeline = store_timeline() and system_identifier = (pg_control_system()).system_identifier,
  array(select position from slots order by slot), store_timeline()
from store_epochs order by n desc limit 1`,
  values: [],
};

export const beginEpoch = (known: number): PreparedQuery => ({
  name: 'begin-epoch',
  text: 'select begin_store_epoch($1)',
  values: [known],
});

export type EpochRow = readonly [epoch: string, heads: string[]];

export const readEpochs: PreparedQuery = {
  name: 'read-epochs',
  text: `select ${epochName}, heads from store_epochs order by n`,
  values: [],
};
