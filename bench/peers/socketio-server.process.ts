import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requirePeer } from './peer-packages.ts';
import { publisherEntry } from './publisher-entry.ts';

interface PeerSocket {
  on(event: 'sub', listener: (room: string, acknowledge: (answer: string) => void) => void): void;
  join(room: string): void;
}
interface PeerServer {
  on(event: 'connection', listener: (socket: PeerSocket) => void): void;
  to(room: string): { emit(event: string, message: object): void };
}
interface SocketIo {
  readonly Server: new (http: HttpServer, options: object) => PeerServer;
}

const { Server } = requirePeer('socket.io') as SocketIo;
const recovery = process.argv.includes('recovery');
const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  ...(recovery ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true } } : {}),
});
io.on('connection', (socket) => {
  socket.on('sub', (room, acknowledge) => {
    socket.join(room);
    acknowledge('ok');
  });
});
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(http, 'listening');
const entry = await publisherEntry((room, messages) => {
  for (const message of messages) io.to(room).emit('m', message);
});
process.send!({ port: (http.address() as AddressInfo).port, entry });
process.on('disconnect', () => process.exit(0));
