import type { Build } from './build.ts';
import type { RunningProjection } from './running-projection.ts';
import type { SlotShare } from './slot-share.ts';

/** Which slots of a build are this process's to work on. */
export class SlotDivision {
  /**
   * @param share divides the slots among the processes; without, each works on all of them
   * @param feedShares the feed divides what is live by itself, as Kafka does
   */
  constructor(
    private readonly share: SlotShare | undefined,
    private readonly feedShares: boolean,
  ) {}

  /** Lets the projection work on the slots that are its own here. */
  claim(projection: RunningProjection): void {
    for (const lane of projection.lanes) lane.follow(this.mine(projection.build, lane.slot));
  }

  /**
   * Whether what the feed brings here is this process's part of the build. It is not of a build that is being filled; nor
   * where some processes that the feed divides the slots among have other code, and would write nothing of their part.
   */
  isLeftToFeed({ name, handler, filling }: Build): boolean {
    return this.feedShares && !filling && (this.share?.allHave(name, handler.version) ?? true);
  }

  private mine(build: Build, slot: number): boolean {
    if (this.share === undefined || this.isLeftToFeed(build)) return true;
    return this.share.mineOf(build.name, build.handler.version, slot);
  }
}
