import type { DataSource } from 'typeorm';
import type { EventStore, Heads } from '#platform/event-store';
import { checkpointsOf, parseCheckpoints, type ProjectionOptions } from '#platform/messaging';

/**
 * Up to when a handler has seen every event. Without it a projector that lags would take the silence of its own backlog
 * for the silence of a sender.
 */
export class SeenEvents {
  private readonly selectCheckpoints: string;
  private awaited: { readonly at: number; readonly heads: Heads } | undefined;
  private reached = 0;

  constructor(
    private readonly database: DataSource,
    private readonly store: Pick<EventStore, 'heads'>,
    handler: Pick<ProjectionOptions, 'name' | 'version'>,
  ) {
    this.selectCheckpoints = `select ${checkpointsOf(handler, 'array(select generate_series(0, 255))')} as positions`;
  }

  /**
   * Epoch milliseconds on the clock that `now` is of. Where the handler lags it is the time of an earlier call, so that
   * a log that never rests still lets it move on.
   *
   * @param now read before this call
   */
  async upTo(now: number): Promise<number> {
    this.awaited ??= { at: now, heads: await this.store.heads() };
    const { at, heads } = this.awaited;
    const [row] = await this.database.query<{ positions: Record<string, number> }[]>(this.selectCheckpoints);
    const checkpoints = parseCheckpoints(row!.positions);
    if (heads.positions.every((head, slot) => (checkpoints.get(slot) ?? 0) >= head)) {
      this.awaited = undefined;
      this.reached = at;
    }
    return this.reached;
  }
}
