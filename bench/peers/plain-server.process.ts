import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { publisherEntry } from './publisher-entry.ts';

const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 4096 });
server.on('connection', (socket) => {
  socket.once('message', (data: Buffer) => {
    const room = data.toString();
    const members = rooms.get(room) ?? new Set();
    rooms.set(room, members.add(socket));
    socket.on('close', () => members.delete(socket));
    socket.send('ok');
  });
  socket.on('error', () => undefined); // 'close' follows
});
await once(server, 'listening');
const entry = await publisherEntry((room, messages) => {
  for (const message of messages) {
    const text = JSON.stringify(message);
    for (const socket of rooms.get(room) ?? []) socket.send(text);
  }
});
process.send!({ port: (server.address() as AddressInfo).port, entry });
process.on('disconnect', () => process.exit(0));
