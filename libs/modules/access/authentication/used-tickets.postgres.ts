import type { DataSource } from 'typeorm';
import { UsedTickets } from './used-tickets.ts';

const insertUses = `
  insert into used_tickets (ticket_id, expires_at)
  select * from unnest($1::uuid[], $2::timestamptz[])
  on conflict (ticket_id) do nothing
  returning ticket_id
`;

interface Use {
  readonly ticketId: string;
  readonly expiresAt: number;
  readonly resolve: (first: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const batchSize = 500;

/** For tickets that any server behind a shared URL may be shown. What comes while a statement runs is the next batch. */
export class UsedTicketsInPostgres extends UsedTickets {
  private waiting: Use[] = [];
  private running = false;

  constructor(private readonly database: DataSource) {
    super();
  }

  use(ticketId: string, expiresAt: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ticketId, expiresAt, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) await this.insert(this.waiting.splice(0, batchSize));
    this.running = false;
  }

  private async insert(uses: readonly Use[]): Promise<void> {
    try {
      const rows = await this.database.query<{ ticket_id: string }[]>(insertUses, [
        uses.map(({ ticketId }) => ticketId),
        uses.map(({ expiresAt }) => new Date(expiresAt)),
      ]);
      const fresh = new Set(rows.map((row) => row.ticket_id));
      // `delete` answers true once: of two uses in one batch the first gets it.
      for (const use of uses) use.resolve(fresh.delete(use.ticketId));
    } catch (error) {
      for (const use of uses) use.reject(error);
    }
  }
}
