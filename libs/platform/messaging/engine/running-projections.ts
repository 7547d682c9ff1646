import type { Build } from './build.ts';
import { RunningProjection } from './running-projection.ts';
import type { SlotDivision } from './slot-division.ts';

/** The builds that are worked on here, all of them in the epoch of the log that is being applied. */
export class RunningProjections {
  private running: readonly RunningProjection[] = [];
  private currentEpoch: string | undefined;

  constructor(private readonly division: SlotDivision) {}

  get all(): readonly RunningProjection[] {
    return this.running;
  }

  /** Those whose rows are read. */
  get live(): readonly RunningProjection[] {
    return this.running.filter(({ filling }) => !filling);
  }

  get filling(): readonly RunningProjection[] {
    return this.running.filter(({ filling }) => filling);
  }

  get epoch(): string | undefined {
    return this.currentEpoch;
  }

  begin(builds: readonly Build[]): void {
    this.running = builds.map((build) => this.prepared(build));
  }

  /**
   * Nothing of what is in memory holds in another epoch, nor what is under way: both end with what they belong to.
   *
   * @returns whether it is another
   */
  enter(epoch: string): boolean {
    if (epoch === this.currentEpoch) return false;
    this.currentEpoch = epoch;
    this.running = this.running.map((projection) => {
      if (projection.ended) return projection;
      projection.retire();
      return this.prepared(projection.build);
    });
    return true;
  }

  /**
   * Has these builds of a projection run, and no others.
   *
   * @returns those that have come, and those that were being filled and are read now
   */
  replace(name: string, builds: readonly Build[]): { added: RunningProjection[]; changed: RunningProjection[] } {
    const before = this.running.filter((projection) => projection.name === name);
    const known = (build: Build) => before.find(({ build: { version } }) => version === build.version);
    const added = builds.filter((build) => known(build) === undefined).map((build) => this.prepared(build));
    const changed: RunningProjection[] = [];
    for (const build of builds) {
      const projection = known(build);
      if (projection === undefined || projection.filling === build.filling) continue;
      projection.build.filling = build.filling;
      this.division.claim(projection);
      changed.push(projection);
    }
    const gone = before.filter((projection) => builds.every(({ version }) => version !== projection.build.version));
    for (const projection of gone) projection.retire();
    this.running = [...this.running.filter((projection) => !gone.includes(projection)), ...added];
    return { added, changed };
  }

  /** Divides the slots anew. */
  divide(): void {
    for (const projection of this.running) if (!projection.ended) this.division.claim(projection);
  }

  /** Whether anything here wants the slot's events. */
  follows(slot: number): boolean {
    return this.running.some(({ lanes }) => lanes[slot]!.isFollowed);
  }

  /** Throws for a name whose rows are not written here. */
  find(name: string): RunningProjection {
    const projection = this.live.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new Error(`no projection named "${name}" runs here`);
    return projection;
  }

  private prepared(build: Build): RunningProjection {
    const projection = new RunningProjection(build.in(this.currentEpoch));
    this.division.claim(projection);
    return projection;
  }
}
