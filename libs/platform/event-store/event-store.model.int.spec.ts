import { describe } from 'vitest';
import { eventStoreModelContract } from '#platform/testing';
import { ModelledLog } from './partitions/fixtures/modelled-log.ts';

describe('the log in PostgreSQL, with two nodes and partitions that change', () => {
  eventStoreModelContract(() => ModelledLog.open(), { runs: 15, shrink: false });
});
