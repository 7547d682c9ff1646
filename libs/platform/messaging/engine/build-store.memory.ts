import { Build } from './build.ts';
import { BuildStore, type Filling, type KeptBuilds } from './build-store.ts';
import type { MemoryCheckpointStore } from './checkpoint-store.memory.ts';
import type { ProjectionHandler } from './projection-handler.ts';

interface KeptBuild {
  readonly number: number;
  /** Undefined: ordered, and not taken up. */
  version: number | undefined;
  filled: boolean;
}

interface Kept {
  live: KeptBuild;
  filling: KeptBuild | undefined;
  last: number;
}

/** Builds in memory, for tests. Beside the checkpoints, which it holds while it swaps. */
export class MemoryBuildStore extends BuildStore {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly checkpoints: MemoryCheckpointStore) {
    super();
  }

  async open(handler: ProjectionHandler): Promise<KeptBuilds> {
    return this.checkpoints.alone(() => {
      const kept = this.kept.get(handler.name) ?? this.begin(handler);
      const liveVersion = kept.live.version!;
      const builds = liveVersion === handler.version ? [new Build(handler, kept.live.number)] : [];
      if ((kept.filling?.version ?? Infinity) < handler.version) {
        this.checkpoints.forget({ name: handler.name, version: kept.filling!.number });
        kept.filling = undefined;
      }
      if (kept.filling === undefined && liveVersion < handler.version) this.add(kept);
      if (kept.filling !== undefined && (kept.filling.version ?? handler.version) === handler.version)
        builds.push(this.takeUp(handler, kept.filling));
      return { builds, ...(liveVersion === handler.version ? {} : { liveVersion }) };
    });
  }

  async order(projection: string): Promise<void> {
    await this.checkpoints.alone(() => {
      const kept = this.kept.get(projection);
      if (kept !== undefined && kept.filling === undefined) this.add(kept);
    });
  }

  async filling(build: Build, total: number): Promise<Filling> {
    const kept = this.kept.get(build.name)!;
    const done = (this.checkpoints.positionsOf(build) ?? []).reduce((sum, position) => sum + position, 0);
    return {
      behindLive: this.behind(build, kept),
      behindHeads: Math.max(0, total - done),
      filled: kept.filling?.filled ?? false,
    };
  }

  async finish(build: Build): Promise<boolean> {
    return this.checkpoints.alone(() => {
      const { filling } = this.kept.get(build.name)!;
      if (filling?.number !== build.version) return false;
      filling.filled = true;
      return true;
    });
  }

  async swap(build: Build): Promise<boolean> {
    return this.checkpoints.alone(() => {
      const kept = this.kept.get(build.name)!;
      const { filling, live } = kept;
      if (filling?.number !== build.version || !filling.filled || this.behind(build, kept) > 0) return false;
      this.checkpoints.forget({ name: build.name, version: live.number });
      kept.live = filling;
      kept.filling = undefined;
      return true;
    });
  }

  async sweep(): Promise<void> {}

  /** The number of the tables that queries read. */
  live(projection: string): number | undefined {
    return this.kept.get(projection)?.live.number;
  }

  private begin(handler: ProjectionHandler): Kept {
    const kept: Kept = { live: { number: 1, version: handler.version, filled: true }, filling: undefined, last: 1 };
    this.kept.set(handler.name, kept);
    this.checkpoints.make({ name: handler.name, version: 1 });
    return kept;
  }

  private add(kept: Kept): void {
    kept.last += 1;
    kept.filling = { number: kept.last, version: undefined, filled: false };
  }

  private takeUp(handler: ProjectionHandler, filling: KeptBuild): Build {
    if (filling.version === undefined) this.checkpoints.make({ name: handler.name, version: filling.number });
    filling.version = handler.version;
    return new Build(handler, filling.number, { filling: true });
  }

  private behind(build: Build, { live }: Kept): number {
    const own = this.checkpoints.positionsOf(build) ?? [];
    const read = this.checkpoints.positionsOf({ name: build.name, version: live.number }) ?? [];
    return read.reduce((sum, position, slot) => sum + Math.max(0, position - (own[slot] ?? 0)), 0);
  }
}
