import type { EventStore, RecordedEvent } from '#platform/event-store';
import type { Clock } from '#platform/kernel';
import { backoffMs } from './backoff.ts';
import { BatchApplier } from './batch-applier.ts';
import { Build } from './build.ts';
import { BuildWatch } from './build-watch.ts';
import {
  BuildRetired,
  type CheckpointStore,
  type ParkedStream,
  type Replay,
  type ReplayOptions,
} from './checkpoint-store.ts';
import type { EngineOptions } from './engine-options.ts';
import { LostCommits } from './lost-commits.ts';
import { Persistence } from './persistence.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import type { RunningProjection } from './running-projection.ts';
import { RunningProjections } from './running-projections.ts';
import { SlotDivision } from './slot-division.ts';
import { Workers } from './workers.ts';

/** Bytes of events that a projection keeps before the feed has to wait for it, or, while it cannot go on, is not kept for it. */
const budget = 8 * 1024 * 1024;

/** `positions[slot]` of the whole log, and of what the feed brings here. */
interface Heads {
  readonly positions: readonly number[];
  readonly brought: readonly number[];
}

/**
 * Brings the read models to where the log is. Feeds `offer` events and `noteHeads` once in a while; they may repeat, lag,
 * reorder or lose, and every event is still applied once, since checkpoints move in the transaction of the rows and what
 * is missing is read from the log.
 */
export class ProjectionEngine {
  private readonly applier: BatchApplier;
  private readonly workers: Workers;
  private readonly holeAfterMs: number;
  private readonly watch: BuildWatch | undefined;
  private readonly division: SlotDivision;
  private readonly projections: RunningProjections;
  private readonly lostCommits: LostCommits;
  private readonly persistence = new Persistence();
  private starting: Promise<unknown> = Promise.resolve();
  private running: Promise<unknown> = Promise.resolve();
  private waitingForRoom: (() => void)[] = [];
  private stopping = false;
  private lastHeads: (Heads & { readonly at: number }) | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readSlot' | 'heads'>,
    private readonly checkpoints: CheckpointStore,
    private readonly metrics: ProjectionMetrics,
    clock: Clock,
    private readonly options: EngineOptions = {},
  ) {
    const { retryMs = backoffMs, holeAfterMs = 1_000, pauseMs, builds, watchEveryMs, feedShares = false } = options;
    this.division = new SlotDivision(options.share, feedShares);
    this.projections = new RunningProjections(this.division);
    this.lostCommits = new LostCommits(checkpoints);
    this.holeAfterMs = holeAfterMs;
    this.applier = new BatchApplier(checkpoints, metrics, clock, pauseMs, options.tracing);
    this.workers = new Workers({ store, applier: this.applier, metrics, retryMs }, () => this.giveRoom());
    if (builds !== undefined) this.watch = new BuildWatch(builds, this, metrics, watchEveryMs);
  }

  /**
   * Starts from the checkpoints and reads by itself what the log has up to now. Waits for a database that is away.
   *
   * @returns the heads of the log: a feed goes on after them
   */
  start(handlers: readonly ProjectionHandler[]): Promise<readonly number[]> {
    const starting = this.begin(handlers);
    this.starting = starting;
    return starting;
  }

  /** The epoch of the log that is being applied. */
  get epoch(): string | undefined {
    return this.projections.epoch;
  }

  /** Takes checkpoints and heads as they are kept: at the start, and when the log's history has changed. */
  async reload(): Promise<readonly number[]> {
    const { epoch, positions } = await this.persistence.until(() => this.store.heads());
    const builds = await this.buildsIn(epoch);
    if (this.projections.enter(epoch)) {
      for (const [name, found] of builds) this.projections.replace(name, found);
      this.lastHeads = undefined;
      // Whoever waits for room that those will never make.
      this.giveRoom();
    }
    for (const projection of this.projections.all) await this.load(projection);
    this.catchUpTo({ positions, brought: positions });
    return positions;
  }

  /**
   * Takes events from a feed. Resolves when there is room for more, at once as a rule.
   *
   * @param epoch that they were read in; those of another than the engine's are left out
   */
  async offer(events: readonly RecordedEvent[], epoch = this.epoch): Promise<void> {
    if (epoch !== this.epoch) return;
    for (const projection of this.projections.all) {
      let { bytes } = projection;
      for (const event of events) {
        const lane = projection.lanes[event.slot]!;
        const before = lane.bytes;
        lane.offer(event, bytes < budget && !projection.ended);
        bytes += lane.bytes - before;
        this.workers.schedule(projection, lane);
      }
    }
    while (!this.stopping && !this.hasRoom()) await new Promise<void>((resume) => this.waitingForRoom.push(resume));
  }

  /**
   * Takes the heads of the log: one that stays ahead for a second is read from the log.
   *
   * @param brought the heads of the slots that the feed brings here and 0 for the others, where it divides the slots
   */
  noteHeads(positions: readonly number[], brought = positions): void {
    const now = performance.now();
    if (this.lastHeads !== undefined && now - this.lastHeads.at < this.holeAfterMs) return;
    if (this.lastHeads !== undefined) this.catchUpTo(this.lastHeads);
    // Builds that are being filled read from the log as it is; a swap waits for them, with the live one held still.
    this.catchUpTo({ positions, brought: positions }, this.projections.filling);
    this.lastHeads = { positions, brought, at: now };
    if (!this.stopping) this.lostCommits.look(this.projections.all, (projection) => this.schedule(projection));
    const wallClock = Date.now();
    for (const projection of this.projections.live) {
      this.metrics.lag.set({ projection: projection.name }, projection.lag);
      this.metrics.lagMs.set({ projection: projection.name }, projection.lagMs(wallClock));
    }
  }

  /** Lets transactions in flight finish and resolves then. A start that is under way fails, or is over before. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.persistence.stop();
    this.workers.stop();
    this.watch?.stop();
    this.options.share?.stop();
    for (const resume of this.waitingForRoom.splice(0)) resume();
    await this.starting.catch(() => this.options.share?.leave());
    await this.running;
    await this.lostCommits.idle();
  }

  /** Whether a feed has to bring this slot's events. */
  follows(slot: number): boolean {
    return this.projections.follows(slot);
  }

  /** Whether this process writes the rows of the slot that queries read. Throws for a name that is not running here. */
  writes(name: string, slot: number): boolean {
    return this.projections.find(name).lanes[slot]!.isFollowed;
  }

  /** Works on these builds of a projection from now on, and on no others. A build that was being filled may be live now. */
  async work(name: string, builds: readonly Build[]): Promise<void> {
    const { added, changed } = this.projections.replace(name, builds);
    for (const projection of changed) await this.applier.countParked(projection);
    for (const projection of added) await this.load(projection);
  }

  /** Reads everything that the log has for the builds that are being filled: feeds bring only what is new. */
  async fill(): Promise<readonly number[]> {
    const { positions } = await this.store.heads();
    this.catchUpTo({ positions, brought: positions }, this.projections.filling);
    return positions;
  }

  /** Why projections do not run here as they should, one line each. */
  complaints(): string[] {
    const stopped = this.stoppedProjections();
    const parked = stopped.length === 0 ? [] : [`stopped, because they parked too many streams: ${stopped.join(', ')}`];
    return [...parked, ...(this.watch?.complaints() ?? [])];
  }

  /** Names of projections that stopped because they parked too many streams. */
  stoppedProjections(): string[] {
    return this.projections.all.filter((projection) => projection.stopped).map(({ name }) => name);
  }

  /** Streams that the projection has set aside, the longest parked first. Throws for a name that is not running here. */
  async parkedStreams(name: string): Promise<ParkedStream[]> {
    return this.checkpoints.parkedStreams(this.projections.find(name).build);
  }

  /**
   * Applies what was set aside of a stream and takes it out of parking; when an event fails again, what came before it is
   * kept and the stream stays parked there.
   */
  async replayParked(name: string, stream: string, options?: ReplayOptions): Promise<Replay> {
    const projection = this.projections.find(name);
    const replay = await this.checkpoints.replay(projection.build, stream, options);
    await this.applier.countParked(projection);
    return replay;
  }

  /** Names of the projections whose rows are written here. */
  names(): string[] {
    return this.projections.live.map(({ name }) => name);
  }

  private async begin(handlers: readonly ProjectionHandler[]): Promise<readonly number[]> {
    const { watch } = this;
    const { share } = this.options;
    const versions = Object.fromEntries(handlers.map(({ name, version }) => [name, version]));
    if (share !== undefined) await this.persistence.until(() => share.join(versions));
    const rebuildable = watch === undefined ? [] : handlers.filter(({ tables }) => tables !== undefined);
    const builds = handlers
      .filter((handler) => !rebuildable.includes(handler))
      .map((handler) => new Build(handler, handler.version));
    if (watch !== undefined) builds.push(...(await this.persistence.until(() => watch.open(rebuildable))));
    this.projections.begin(builds);
    const heads = await this.reload();
    this.running = Promise.all([this.workers.run(), watch?.run(), share?.run(() => this.divide())]);
    return heads;
  }

  /** What there is to work on in another epoch than this one: a fail-over may have lost a swap. */
  private async buildsIn(epoch: string): Promise<ReadonlyMap<string, readonly Build[]>> {
    const { watch } = this;
    if (watch === undefined || this.epoch === undefined || epoch === this.epoch) return new Map();
    return this.persistence.until(() => watch.reopen());
  }

  /** Of slots that are new to it the checkpoints are read again: they have moved while it did not look. */
  private async divide(): Promise<void> {
    this.projections.divide();
    await this.reload();
  }

  private async load(projection: RunningProjection): Promise<void> {
    const positions = await this.persistence.until(() => this.positionsOf(projection));
    if (positions === undefined) return projection.retire();
    projection.settle(new Map(positions.entries()));
    this.metrics.stopped.set({ projection: projection.name }, projection.stopped ? 1 : 0);
    // A counter that is first seen at 1 has no increase that an alert could see.
    this.metrics.retries.inc({ projection: projection.name }, 0);
    await this.persistence.until(() => this.applier.countParked(projection));
  }

  private async positionsOf({ build }: RunningProjection): Promise<number[] | undefined> {
    try {
      return await this.checkpoints.load(build);
    } catch (error) {
      if (error instanceof BuildRetired) return undefined;
      throw error;
    }
  }

  private catchUpTo({ positions, brought }: Heads, projections = this.projections.all): void {
    for (const projection of projections) {
      const heads = this.division.isLeftToFeed(projection.build) ? brought : positions;
      for (const lane of projection.lanes) lane.noteHead(heads[lane.slot] ?? 0);
      this.schedule(projection);
    }
  }

  private schedule(projection: RunningProjection): void {
    for (const lane of projection.lanes) this.workers.schedule(projection, lane);
  }

  private giveRoom(): void {
    if (this.waitingForRoom.length > 0 && this.hasRoom()) for (const resume of this.waitingForRoom.splice(0)) resume();
  }

  private hasRoom(): boolean {
    // Builds that are being filled read from the log by themselves, thousands of events at once.
    // One that backs off or has ended would hold up all the others, so it reads what it misses from the log instead.
    return this.projections.live.every(({ ended, backingOff, bytes }) => ended || backingOff > 0 || bytes < budget);
  }
}
