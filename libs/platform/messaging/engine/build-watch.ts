import { Logger } from '@nestjs/common';
import type { Build } from './build.ts';
import type { BuildStore } from './build-store.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import { Signal } from './signal.ts';
import { isTransient } from './transient.ts';

/** Behind the live build by less than this, the rest is a matter of a moment: what is left is done with indexes in place. */
const nearlyThere = 5_000;

/** What works on the builds; the engine. */
export interface BuildCrew {
  work(name: string, builds: readonly Build[]): Promise<void>;
  /** @returns the heads of the log */
  fill(): Promise<readonly number[]>;
}

/** Sees rebuilds through: takes up what was ordered, lets it be filled, makes the indexes, swaps, and sweeps up. */
export class BuildWatch {
  private readonly logger = new Logger('Projections');
  private readonly signal = new Signal();
  private readonly superseded = new Map<string, string>();
  private handlers: readonly ProjectionHandler[] = [];
  private readonly failures = new Map<string, string>();
  private stopped = false;

  constructor(
    private readonly builds: BuildStore,
    private readonly crew: BuildCrew,
    private readonly metrics: ProjectionMetrics,
    private readonly everyMs = 1_000,
  ) {}

  /**
   * One that cannot be opened (the database refuses its rebuild, say) does not keep the others from running.
   *
   * @returns the builds to begin with
   * @throws what may pass when the first cannot be opened for it: then the database is away
   */
  async open(handlers: readonly ProjectionHandler[]): Promise<Build[]> {
    this.handlers = handlers;
    const opened: (readonly Build[])[] = [];
    for (const handler of handlers) {
      try {
        opened.push(await this.look(handler));
      } catch (error) {
        if (isTransient(error) && opened.length === 0) throw error;
        this.noteFailure(handler, error);
      }
    }
    for (const { name } of handlers) this.metrics.rebuild.set({ projection: name }, 1);
    return opened.flat();
  }

  /** In another history of the log another build may be live. @returns the builds of each projection that can be told */
  async reopen(): Promise<ReadonlyMap<string, readonly Build[]>> {
    const opened = new Map<string, readonly Build[]>();
    for (const handler of this.handlers) {
      try {
        opened.set(handler.name, await this.look(handler));
      } catch (error) {
        if (isTransient(error)) throw error;
        this.noteFailure(handler, error);
      }
    }
    return opened;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.stopped && this.handlers.length > 0) {
      await this.signal.wait(this.everyMs);
      for (const handler of this.handlers) {
        if (this.stopped) return;
        try {
          await this.advance(handler);
          this.failures.delete(handler.name);
        } catch (error) {
          this.noteFailure(handler, error);
        }
      }
    }
  }

  stop(): void {
    this.stopped = true;
    this.signal.give();
  }

  /** Why projections do not keep the rows that queries read. */
  complaints(): string[] {
    return [...this.superseded.values(), ...this.failures.values()];
  }

  /** Said once, and again when it fails for another reason. */
  private noteFailure({ name }: ProjectionHandler, error: unknown): void {
    const complaint = `${name}: its tables cannot be looked after: ${error instanceof Error ? error.message : String(error)}`;
    if (this.failures.get(name) !== complaint) this.logger.warn(complaint);
    this.failures.set(name, complaint);
  }

  private async advance(handler: ProjectionHandler): Promise<void> {
    const builds = await this.look(handler);
    await this.crew.work(handler.name, builds);
    const build = builds.find(({ filling }) => filling);
    if (build === undefined) {
      this.metrics.rebuild.set({ projection: handler.name }, 1);
      await this.builds.sweep(handler.name);
      return;
    }
    const heads = await this.crew.fill();
    const total = heads.reduce((sum, head) => sum + head, 0);
    const { behindLive, behindHeads, filled } = await this.builds.filling(build, total);
    this.metrics.rebuild.set({ projection: handler.name }, total === 0 ? 1 : (total - behindHeads) / total);
    if (behindLive > nearlyThere) return;
    if (!filled) {
      this.logger.log(`${build.name}: the rows of build ${build.version} are in, making indexes`);
      await this.builds.finish(build);
    } else if (await this.builds.swap(build)) {
      this.logger.log(`${build.name}: build ${build.version} is live`);
      await this.crew.work(handler.name, await this.look(handler));
      await this.builds.sweep(handler.name);
    }
  }

  private async look(handler: ProjectionHandler): Promise<readonly Build[]> {
    const { builds, liveVersion } = await this.builds.open(handler);
    const { name, version } = handler;
    if (liveVersion === undefined) this.superseded.delete(name);
    else if (liveVersion < version)
      this.superseded.set(name, `${name} is being rebuilt for version ${version}, rows are still of ${liveVersion}`);
    else
      this.superseded.set(
        name,
        `${name} has rows of version ${liveVersion}, and this process writes version ${version}`,
      );
    return builds;
  }
}
