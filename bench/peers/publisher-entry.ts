import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** Where a peer's process takes what is published: `<room>\n[message, …]` a frame, answered once all are sent. */
export async function publisherEntry(send: (room: string, messages: readonly object[]) => void): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const end = text.indexOf('\n');
      send(text.slice(0, end), JSON.parse(text.slice(end + 1)) as object[]);
      socket.send('ok');
    });
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
