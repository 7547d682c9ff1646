import { Injectable } from '@nestjs/common';
import { type RunRef, rooms } from '@testcast/contracts';
import { EventStore } from '#platform/event-store';
import { variantOfShard } from '../domain/run.decider.ts';
import { shardKey } from '../domain/run.ts';
import { RecentlyUsed } from './recently-used.ts';
import { Runs } from './runs.ts';

const remembered = 20_000;

/** What this process has learnt about runs and may keep, since none of it changes any more: not within one history of the log. */
@Injectable()
export class KnownRuns {
  private readonly opened = new RecentlyUsed<true>(remembered);
  private readonly variants = new RecentlyUsed<string>(remembered);

  constructor(
    private readonly runs: Runs,
    store: EventStore,
  ) {
    // A run's start may have been lost with the tail of the log that a fail-over cut off.
    store.onOtherHistory(() => {
      this.opened.clear();
      this.variants.clear();
    });
  }

  isOpened(ref: RunRef, rerun: number): boolean {
    return this.opened.get(`${streamOf(ref)} ${rerun}`) === true;
  }

  noteOpened(ref: RunRef, rerun: number): void {
    this.opened.set(`${streamOf(ref)} ${rerun}`, true);
  }

  noteVariant(ref: RunRef, rerun: number, shardId: string, variant: string): void {
    this.variants.set(`${streamOf(ref)} ${shardKey(rerun, shardId)}`, variant);
  }

  /**
   * The variant that the shard has announced. Only what it announced for this very rerun is kept: an answer of "none" that
   * was kept would give the results after the announcement another test than those of another gateway get.
   */
  async variantOf(ref: RunRef, rerun: number, shardId: string): Promise<string | undefined> {
    const known = this.variants.get(`${streamOf(ref)} ${shardKey(rerun, shardId)}`);
    if (known !== undefined) return known;
    const state = await this.runs.find(ref);
    const announced = state.shards.get(shardKey(rerun, shardId))?.started?.data.variant;
    if (announced !== undefined) this.noteVariant(ref, rerun, shardId, announced);
    return announced ?? variantOfShard(state, shardId, rerun);
  }
}

function streamOf({ projectId, runId }: RunRef): string {
  return rooms.run(projectId, runId);
}
