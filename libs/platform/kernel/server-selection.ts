/** A server that has room for a client. */
export interface SelectedServer {
  readonly serverId: string;
  /** Whom a ticket for it is made out to; absent where any server takes it. */
  readonly ticketFor?: string | undefined;
  /** Where it is reached; absent: where all servers are. */
  readonly url?: string | undefined;
  /** Connections it holds at most. */
  readonly connectionLimit: number;
  /** 0…1. */
  readonly currentLoad: number;
}

/** Chooses the server for a client. Port of the platform: access gives the ticket, the cluster knows the servers. */
export abstract class ServerSelection {
  /**
   * @param client its address as trusted proxies saw it, the region that it asks for, and servers that it has just lost or
   *   not reached: they are chosen only where there is no other
   * @throws DomainError `connection.limit` when no server has room
   */
  abstract select(client: {
    readonly address: string;
    readonly region?: string | undefined;
    readonly avoid?: readonly string[] | undefined;
  }): Promise<SelectedServer>;
}
