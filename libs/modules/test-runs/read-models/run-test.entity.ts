import type { Outcome, TestRow } from '@testcast/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of the view `run_tests`; written by the projection alone. */
@Entity({ name: 'run_tests', synchronize: false })
export class RunTestRow {
  @PrimaryColumn({ name: 'project_id', type: 'text' })
  projectId!: string;

  @PrimaryColumn({ name: 'run_id', type: 'text' })
  runId!: string;

  @PrimaryColumn({ name: 'test_key', type: 'text' })
  testKey!: string;

  @Column({ type: 'text' })
  outcome!: Outcome;

  /** Lower case. */
  @Column({ type: 'text' })
  search!: string;

  @Column({ type: 'json' })
  row!: TestRow;
}
