import pg from 'pg';

/**
 * A client that never ends the process. pg-pool takes its error listener away when it hands a client out, and TypeORM adds
 * one a moment later: a connection that is terminated in between (its first answer and the server's farewell in one packet)
 * would be an `error` event that nobody listens for. Whoever uses the client learns of it by the next query.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
