import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a PostgreSQL that can lose an answer: the server has done the work, and the client will not hear of it. */
export interface LossyConnection {
  /** The database's URL, through here. */
  readonly url: string;
  /** Cuts the connection on which the next answer comes, in place of the answer. Resolves when that has happened. */
  loseNextAnswer(): Promise<void>;
  /** Cuts every connection that there is; new ones can be made. */
  cut(): void;
  /**
   * No way any more, until `restore`. `refused`: connections are cut, and new ones at once. `silent`: nothing comes through,
   * and nobody is told, as with a switch that has failed.
   */
  interrupt(how: 'refused' | 'silent'): void;
  restore(): void;
  close(): Promise<void>;
}

/** @param databaseUrl a server on TCP */
export async function lossyConnection(databaseUrl: string): Promise<LossyConnection> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let lose: (() => void) | undefined;
  let interrupted: 'refused' | 'silent' | undefined;
  const server = createServer((client) => {
    if (interrupted === 'refused') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port || 5432), target.hostname);
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (bytes) => interrupted === undefined && upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (interrupted !== undefined) return;
      if (lose === undefined) {
        client.write(bytes);
        return;
      }
      cut();
      lose();
      lose = undefined;
    });
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseNextAnswer: () => new Promise((resolve) => (lose = resolve)),
    cut,
    interrupt: (how) => {
      interrupted = how;
      if (how === 'refused') cut();
    },
    // What was swallowed is missing in the middle of what comes next.
    restore: () => {
      interrupted = undefined;
      cut();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
