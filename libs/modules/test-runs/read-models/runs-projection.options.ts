import { lifecycleEventTypes } from '@testcast/contracts';
import { runTables } from './run-tables.sql.ts';

/** The projection of runs and their tests, as the engine and the readers of its checkpoints know it. */
export const runsProjection = {
  name: 'runs',
  version: 1,
  events: [...lifecycleEventTypes, 'test.planned', 'test.started', 'test.finished'],
  tables: runTables,
};
