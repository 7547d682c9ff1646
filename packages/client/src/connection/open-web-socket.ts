import type { OpenSocket } from './socket.ts';

/** Opens the platform's own WebSocket. It cannot send headers: a token is exchanged for a ticket before. */
export const openWebSocket: OpenSocket = ({ url }, events) => {
  const socket = new WebSocket(url, 'testcast.v1');
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') events.message(data);
  });
  // An error is always followed by a close, which says more.
  socket.addEventListener('close', ({ code, reason }) => events.closed({ code, reason }));
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  };
};
