import { Logger } from '@nestjs/common';
import type { Build } from './build.ts';
import type { BuildStore } from './build-store.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import { Signal } from './signal.ts';

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
  private stopped = false;
  private failing = false;

  constructor(
    private readonly builds: BuildStore,
    private readonly crew: BuildCrew,
    private readonly metrics: ProjectionMetrics,
    private readonly everyMs = 1_000,
  ) {}

  /** @returns the builds to begin with */
  async open(handlers: readonly ProjectionHandler[]): Promise<Build[]> {
    this.handlers = handlers;
    const opened = await Promise.all(handlers.map((handler) => this.look(handler)));
    for (const { name } of handlers) this.metrics.rebuild.set({ projection: name }, 1);
    return opened.flat();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.stopped && this.handlers.length > 0) {
      await this.signal.wait(this.everyMs);
      if (this.stopped) return;
      try {
        for (const handler of this.handlers) await this.advance(handler);
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.logger.warn(`cannot look after rebuilds: ${String(error)}`);
        this.failing = true;
      }
    }
  }

  stop(): void {
    this.stopped = true;
    this.signal.give();
  }

  /** Why projections do not keep the rows that queries read. */
  complaints(): string[] {
    return [...this.superseded.values()];
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
