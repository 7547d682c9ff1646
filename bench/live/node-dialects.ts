/** What a dialect may do with the connection that it speaks on. */
export interface DialectClient {
  send(text: string): void;
  /** In the room; `at` is the offset after which events follow, where the server tells it. */
  joined(at?: number): void;
  events(text: string): void;
  closing(reconnectInMs: number): void;
  failed(): void;
}

export interface Dialect {
  readonly path: string;
  opened(client: DialectClient, room: string, last: number | undefined): void;
  text(client: DialectClient, text: string, room: string): void;
}

/** How each server is asked to let a subscriber into its room; each subscriber has one of its own. */
export const dialects: Readonly<Record<string, () => Dialect>> = {
  testcast() {
    let epoch = '';
    return {
      path: '/stream',
      opened(client, room, last) {
        const data = last === undefined ? { room } : { room, offset: last, epoch };
        client.send(JSON.stringify({ id: 1, type: 'room.subscribe', data }));
      },
      text(client, text) {
        if (text.startsWith('{"type":"events"')) return client.events(text);
        const frame = JSON.parse(text) as {
          type: string;
          reconnectInMs?: number;
          data?: { epoch: string; offset: number };
        };
        if (frame.type === 'closing') client.closing(frame.reconnectInMs!);
        if (frame.type === 'error') client.failed();
        if (frame.type !== 'ok') return;
        ({ epoch } = frame.data!);
        client.joined(frame.data!.offset);
      },
    };
  },
  /** Engine.IO 4 and Socket.IO 5, without its recovery. */
  socketio: () => ({
    path: '/socket.io/?EIO=4&transport=websocket',
    opened() {},
    text(client, text, room) {
      if (text.startsWith('42[')) client.events(text);
      else if (text.startsWith('0{')) client.send('40');
      else if (text.startsWith('40{')) client.send(`420${JSON.stringify(['sub', room])}`);
      else if (text.startsWith('430')) client.joined();
      else if (text === '2') client.send('3');
    },
  }),
  centrifugo: () => ({
    path: '/connection/websocket',
    opened(client, room) {
      client.send(`{"id":1,"connect":{}}\n${JSON.stringify({ id: 2, subscribe: { channel: room } })}`);
    },
    text(client, text) {
      if (text.startsWith('{}')) client.send('{}');
      else if (text.includes('"error":')) client.failed();
      else if (text.includes('"id":2')) client.joined();
      if (text.includes('"push":')) client.events(text);
    },
  }),
  plain: () => ({
    path: '/',
    opened: (client, room) => client.send(room),
    text(client, text) {
      if (text === 'ok') client.joined();
      else client.events(text);
    },
  }),
};
