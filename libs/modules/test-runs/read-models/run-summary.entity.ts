import type { RunStatus, RunSummary } from '@testcast/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The driver gives bigint as text, since it may exceed what a number holds; offsets and milliseconds do not. */
const number = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (value: number | null) => value,
};

/** A row of the view `run_summaries`; written by the projection alone. */
@Entity({ name: 'run_summaries', synchronize: false })
export class RunSummaryRow {
  @PrimaryColumn({ name: 'project_id', type: 'text' })
  projectId!: string;

  @PrimaryColumn({ name: 'run_id', type: 'text' })
  runId!: string;

  @Column({ type: 'text' })
  status!: RunStatus;

  @Column({ type: 'text', nullable: true })
  branch!: string | null;

  /** Lower case. */
  @Column({ type: 'text' })
  search!: string;

  @Column({ name: 'started_at', type: 'bigint', transformer: number })
  startedAt!: number;

  /** The stream version that the row reflects. */
  @Column({ type: 'bigint', transformer: number })
  version!: number;

  /** Offset of the event that ended the run, while it stands ended. */
  @Column({ name: 'end_offset', type: 'bigint', nullable: true, transformer: number })
  endOffset!: number | null;

  @Column({ type: 'jsonb' })
  summary!: RunSummary;
}
