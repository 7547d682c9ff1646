/**
 * Clients that were sent to each server lately. A server's own count holds them once it has told of itself again after they
 * came; until the look after next they are added to what it said, so that a crowd is spread although figures are seconds old.
 */
export class Assignments {
  private current = new Map<string, number>();
  private previous = new Map<string, number>();

  add(serverId: string): void {
    this.current.set(serverId, (this.current.get(serverId) ?? 0) + 1);
  }

  readonly inFlight = (serverId: string): number =>
    (this.current.get(serverId) ?? 0) + (this.previous.get(serverId) ?? 0);

  /** The registry was looked at. */
  looked(): void {
    this.previous = this.current;
    this.current = new Map();
  }
}
