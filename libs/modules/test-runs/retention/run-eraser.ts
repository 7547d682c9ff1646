import { type RunEventData, type RunRef, rooms } from '@testcast/contracts';
import { type EventStore, LogEraser, type NewEvent, type StreamFamily } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import type { DataSource } from 'typeorm';
import { RunAggregate } from '../commands/run-aggregate.ts';
import { lifecycleEventId } from '../domain/identity.ts';
import { type Erasure, Erasures, type ExportFile, leaseMs } from './erasures.ts';
import { exportRun } from './run-export.ts';

export interface RunEraserOptions {
  /** Directory of the export files. */
  readonly exportDir: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onExported?: ((file: ExportFile) => void) | undefined;
  readonly onErased?: (() => void) | undefined;
  /** Called when something has been done and when it has been noted: tests end the work there, as a kill would. */
  readonly at?: ((point: string) => void | Promise<void>) | undefined;
}

/**
 * `erased`: nothing is left. `overtaken`: something has come since it was planned, and the run stays. `waiting`: some
 * projection has not read the run to its end.
 */
export type ErasureOutcome = 'erased' | 'overtaken' | 'waiting';

/**
 * Exports a run and erases it: first its streams are closed, so that the file holds all that there will ever be; then the
 * file; then the log says `run.erased`, by which rows leave and rooms end; and when everybody has read that, the data
 * goes. Each step is noted when it is done, and harmless when it is done again.
 */
export class RunEraser {
  readonly erasures: Erasures;
  private readonly log: LogEraser;

  constructor(
    database: DataSource,
    private readonly store: EventStore,
    private readonly options: RunEraserOptions,
  ) {
    this.erasures = new Erasures(database);
    this.log = new LogEraser(database);
  }

  /** Plans the erasure of a run whatever its age. Throws `run.unknown`, `request.invalid` while it runs. */
  async plan(ref: RunRef): Promise<void> {
    const { events, version } = await this.store.readLifecycle(familyOf(ref).stream);
    const run = new RunAggregate(ref);
    run.load(events);
    if (run.state.erased === true) return;
    if (run.state.startedAtOffset === undefined) throw new DomainError('run.unknown');
    if (run.state.end === undefined) {
      throw new DomainError('request.invalid', 'The run is still running: finish or cancel it first.');
    }
    await this.erasures.plan(ref, version);
  }

  /** Goes on from the step that has been noted. Throws whatever keeps it; what was done stays done. */
  async carryOut(claimed: Erasure): Promise<ErasureOutcome> {
    let erasure = claimed;
    if (erasure.step === 'planned') {
      if (!(await this.log.close(familyOf(erasure), erasure.version))) {
        await this.erasures.drop(erasure);
        return 'overtaken';
      }
      erasure = await this.note(erasure, 'closed');
    }
    if (erasure.step === 'closed') {
      const exported = await this.export(erasure);
      erasure = await this.note(erasure, 'exported', exported);
      this.options.onExported?.(exported);
    }
    if (erasure.step === 'exported') {
      await this.tell(erasure);
      erasure = await this.note(erasure, 'told');
    }
    if (erasure.step === 'told') {
      const streams = await this.log.streams(familyOf(erasure));
      if ((await this.log.behind(streams)).length > 0) return 'waiting';
      await this.eraseData(erasure, streams);
      await this.note(erasure, 'erased');
      this.options.onErased?.();
    }
    return 'erased';
  }

  /** Projections for which the erasure of a run waits. */
  async awaited(ref: RunRef): Promise<string[]> {
    return this.log.behind(await this.log.streams(familyOf(ref)));
  }

  private async note(erasure: Erasure, step: Erasure['step'], exported?: ExportFile): Promise<Erasure> {
    await this.options.at?.(`${step}, not noted`);
    const noted = await this.erasures.reach(erasure, step, exported);
    await this.options.at?.(step);
    return noted;
  }

  private async export(erasure: Erasure): Promise<ExportFile> {
    const { projectId, runId } = erasure;
    const streams = await this.log.streams(familyOf(erasure));
    return exportRun(this.store, { projectId, runId }, streams, {
      directory: this.options.exportDir,
      onPage: this.keptWhile(erasure, 'exporting'),
    });
  }

  private async tell(erasure: Erasure): Promise<void> {
    const { stream } = familyOf(erasure);
    const data: RunEventData['run.erased'] = { events: erasure.events ?? 0 };
    const fact = { type: 'run.erased' as const, at: this.options.now(), data };
    const event: NewEvent = { ...fact, eventId: lifecycleEventId(stream, fact, 1), lifecycle: true };
    const [outcome] = await this.store.append({ stream, expected: { version: erasure.version }, events: [event] });
    if (outcome!.status !== 'appended' && outcome!.status !== 'duplicate') {
      throw new Error(`${stream} is closed at ${erasure.version}, and yet is at ${outcome!.version}`);
    }
  }

  private async eraseData(erasure: Erasure, streams: readonly { stream: string; version: number }[]): Promise<void> {
    const { stream: run } = familyOf(erasure);
    const kept = this.keptWhile(erasure, 'erasing');
    for (const { stream, version } of streams) {
      // The run's last event says that it was erased, and stays.
      await this.log.erase(stream, (stream === run ? erasure.version : version) + 1, kept);
    }
  }

  /** To be called while something takes long: without a word the claim would be another's. */
  private keptWhile(erasure: Erasure, what: string): () => Promise<void> {
    let renewAt = performance.now() + leaseMs / 3;
    return async () => {
      await this.options.at?.(what);
      if (performance.now() < renewAt) return;
      renewAt = performance.now() + leaseMs / 3;
      await this.erasures.renew(erasure);
    };
  }
}

function familyOf({ projectId, runId }: RunRef): StreamFamily {
  return { stream: rooms.run(projectId, runId), prefix: rooms.output(projectId, runId, '') };
}
