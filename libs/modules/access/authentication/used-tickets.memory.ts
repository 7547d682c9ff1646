import { Clock } from '#platform/kernel';
import { UsedTickets } from './used-tickets.ts';

/** For tickets that name this start of this server: nobody else can be asked to take them. */
export class UsedTicketsInMemory extends UsedTickets {
  /** In the order of use, which is nearly that of expiry: all tickets live equally long. */
  private readonly used = new Map<string, number>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async use(ticketId: string, expiresAt: number): Promise<boolean> {
    this.forgetExpired();
    if (this.used.has(ticketId)) return false;
    this.used.set(ticketId, expiresAt);
    return true;
  }

  // Bounded without a limit of its own: only tickets that we signed come here, and each is held for its 30 seconds.
  private forgetExpired(): void {
    const now = this.clock.now();
    for (const [ticketId, expiresAt] of this.used) {
      if (expiresAt > now) return;
      this.used.delete(ticketId);
    }
  }
}
