/** Which tickets have been used. Two adapters: this process's memory, and rows that all servers see. */
export abstract class UsedTickets {
  /** Notes a use; false when there was one before. Of concurrent uses of one ticket exactly one gets true. */
  abstract use(ticketId: string, expiresAt: number): Promise<boolean>;
}
