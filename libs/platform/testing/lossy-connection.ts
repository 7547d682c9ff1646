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
  close(): Promise<void>;
}

/** @param databaseUrl a server on TCP */
export async function lossyConnection(databaseUrl: string): Promise<LossyConnection> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let lose: (() => void) | undefined;
  const server = createServer((client) => {
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
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (lose === undefined) {
        client.write(bytes);
        return;
      }
      cut();
      lose();
      lose = undefined;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseNextAnswer: () => new Promise((resolve) => (lose = resolve)),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
