import { inheritTrends, settledTables } from './trend-settled.sql.ts';
import { trendTables } from './trend-tables.sql.ts';

/** The projection of roll-ups, as the engine and the readers of its checkpoints know it. */
export const trendsProjection = {
  name: 'trends',
  version: 1,
  events: ['test.started', 'test.finished', 'run.erased'],
  tables: { ...trendTables, ...settledTables },
  inherit: inheritTrends,
};
