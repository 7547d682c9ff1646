import type { DataSource } from 'typeorm';
import type { EventStore, Heads } from '#platform/event-store';
import { checkpointsOf, parseCheckpoints, type ProjectionOptions } from '#platform/messaging';

/**
 * Up to when the handlers that a decision is made by, the saga's own and those of the rows that it reads, have seen every
 * event. Without it a projector that lags would take the silence of its own backlog for the silence of a sender.
 */
export class SeenEvents {
  private readonly selectCheckpoints: string;
  private awaited: { readonly at: number; readonly heads: Heads } | undefined;
  private reached = 0;

  constructor(
    private readonly database: DataSource,
    private readonly store: Pick<EventStore, 'heads'>,
    handlers: readonly Pick<ProjectionOptions, 'name' | 'version'>[],
  ) {
    const everySlot = 'array(select generate_series(0, 255))';
    const positions = handlers.map((handler) => checkpointsOf(handler, everySlot));
    this.selectCheckpoints = `select array[${positions.join(', ')}] as positions`;
  }

  /**
   * Epoch milliseconds on the clock that `now` is of. Where a handler lags it is the time of an earlier call, so that
   * a log that never rests still lets it move on.
   *
   * @param now read before this call
   */
  async upTo(now: number): Promise<number> {
    this.awaited ??= { at: now, heads: await this.store.heads() };
    const { at, heads } = this.awaited;
    const [row] = await this.database.query<{ positions: Record<string, number>[] }[]>(this.selectCheckpoints);
    const checkpoints = row!.positions.map(parseCheckpoints);
    if (heads.positions.every((head, slot) => checkpoints.every((positions) => (positions.get(slot) ?? 0) >= head))) {
      this.awaited = undefined;
      this.reached = at;
    } else if ((await this.store.heads()).epoch !== heads.epoch) {
      // Heads of a history that was cut off are never reached in the one that goes on.
      this.awaited = undefined;
    }
    return this.reached;
  }
}
