import type { Build } from './build.ts';
import type { ProjectionHandler } from './projection-handler.ts';

/** A projection's sets of tables, as they are kept. */
export interface KeptBuilds {
  /** Those that this code may work on: the live one, the one that is being filled, both or none. */
  readonly builds: readonly Build[];
  /** The version of the code that writes the live rows, where it is another than this one's. */
  readonly liveVersion?: number | undefined;
}

/** How far a build that is being filled has come. */
export interface Filling {
  /** Events that the live build has applied and this one has not. */
  readonly behindLive: number;
  /** Events that the log has and this one has not applied. */
  readonly behindHeads: number;
  /** Its rows are in and its indexes made. */
  readonly filled: boolean;
}

/**
 * Which tables a projection's rows are in. A build is made by one version of the code; a newer version orders the next one
 * by itself, the same version when it is told to. Methods may be called again after a crash at any point.
 */
export abstract class BuildStore {
  /**
   * Makes the first build of a projection that has none, orders the next when the live one is of older code, and takes one
   * up that was ordered. Code that is older than the live rows gets nothing to do.
   */
  abstract open(handler: ProjectionHandler): Promise<KeptBuilds>;

  /** Orders a rebuild with the same code; nothing when one is under way. */
  abstract order(projection: string): Promise<void>;

  /** @param total events of the log */
  abstract filling(build: Build, total: number): Promise<Filling>;

  /** Makes the indexes of a build whose tables are full. One process does it, the others get false. */
  abstract finish(build: Build): Promise<boolean>;

  /**
   * Lets queries read this build instead of the live one, in one transaction and only when it is at or past that one on
   * every slot; the live one gets no more writes meanwhile. False when it was not, or another process is at it.
   */
  abstract swap(build: Build): Promise<boolean>;

  /** Drops the tables of builds that nobody reads any more. */
  abstract sweep(projection: string): Promise<void>;
}
