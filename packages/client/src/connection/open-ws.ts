import { WebSocket } from 'ws';
import { retryAfterOf } from '../http/send-request.ts';
import type { OpenSocket, SocketClose } from './socket.ts';

/** Opens a socket by `ws`: for Node 20, which has no WebSocket, and for headers and refusals, which the standard one hides. */
export const openWs: OpenSocket = ({ url, token }, events) => {
  const socket = new WebSocket(url, 'testcast.v1', {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    handshakeTimeout: 15_000,
    maxPayload: 4 * 1024 * 1024,
    // Frames are ours and valid; the check costs a pass over each of them.
    skipUTF8Validation: true,
  });
  let ended = false;
  const end = (close: SocketClose): void => {
    if (ended) return;
    ended = true;
    events.closed(close);
  };
  socket.on('message', (data, isBinary) => {
    if (!isBinary) events.message((data as Buffer).toString('utf8'));
  });
  socket.on('ping', () => events.alive());
  socket.on('unexpected-response', (request, response) => {
    response.resume();
    request.destroy();
    const refused = response.statusCode ?? 0;
    const retryAfterMs = retryAfterOf(response.headers['retry-after']);
    end({ code: 1006, reason: `the server refused the connection with ${refused}`, refused, retryAfterMs });
  });
  socket.on('error', (error) => end({ code: 1006, reason: error.message }));
  socket.on('close', (code, reason) => end({ code, reason: reason.toString('utf8') }));
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  };
};
