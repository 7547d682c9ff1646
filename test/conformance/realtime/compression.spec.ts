import { afterEach, describe, expect, it } from 'vitest';
import { constants, deflateRawSync } from 'node:zlib';
import { eventually } from '#platform/testing';
import { chooseEngine } from '#platform/realtime';
import { handshake, opcodes, RawClient } from './raw-client.ts';
import { appendResults, type RunningApp, startRealtime } from './realtime-app.ts';
import { StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
const room = 'run:shop/1';
const deflating = () => chooseEngine({ engine: 'ws', host: '127.0.0.1', port: 0, compressed: 'all' });
const start = async (engine = deflating) => (running = await startRealtime({ engine }));

async function subscribed(url: string, perMessageDeflate: boolean): Promise<StreamClient> {
  const client = await StreamClient.connect(url, 'alice', { perMessageDeflate });
  await client.ok('room.subscribe', { room });
  return client;
}
const bytesRead = ({ socket }: StreamClient) =>
  (socket as unknown as { _socket: { bytesRead: number } })._socket.bytesRead;

describe('compression, where it is on', () => {
  it('gives members who ask for it the same events in fewer bytes, and the others as ever', async () => {
    const { url, store } = await start();
    const asking = [await subscribed(url, true), await subscribed(url, true)];
    const plain = await subscribed(url, false);
    const members = [...asking, plain];
    expect(asking[0]!.socket.extensions).toContain('permessage-deflate');
    expect(plain.socket.extensions).toBe('');
    const before = members.map(bytesRead);
    for (let round = 1; round <= 3; round++) {
      await appendResults(store, room, 50, 100);
      for (const client of members) {
        await eventually(() => expect(client.offsets(room)).toHaveLength(round * 50));
      }
    }
    const [first, second, all] = members.map((client, index) => bytesRead(client) - before[index]!);
    expect(first).toBe(second);
    expect(first! * 3).toBeLessThan(all!);
    expect(asking[0]!.pushes('events')).toEqual(plain.pushes('events'));
    expect(await asking[0]!.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
    await Promise.all(members.map((client) => client.close()));
  });

  it('can be for some kinds of rooms alone', async () => {
    const bytesOf: number[] = [];
    for (const kind of ['run', 'board']) {
      const { url, store } = await start(() =>
        chooseEngine({ engine: 'ws', host: '127.0.0.1', port: 0, compressed: [kind] }),
      );
      const client = await subscribed(url, true);
      const before = bytesRead(client);
      await appendResults(store, room, 50, 100);
      await eventually(() => expect(client.offsets(room)).toHaveLength(50));
      bytesOf.push(bytesRead(client) - before);
      await running?.close();
    }
    expect(bytesOf[0]! * 3).toBeLessThan(bytesOf[1]!);
  });

  it('is not begun for rooms that nobody has declared', async () => {
    const engine = chooseEngine({ engine: 'ws', host: '127.0.0.1', port: 0, compressed: ['rnu'] });
    await expect(start(() => engine)).rejects.toThrow('there are no rooms rnu to compress; there are board, run');
  });

  it('takes what clients compress, and not more than 1 MiB of it', async () => {
    const { url, server } = await start();
    const other = await subscribed(url, true);
    const bomb = RawClient.write(url, handshake(url, ['Sec-WebSocket-Extensions: permessage-deflate']));
    await bomb.texts(1);
    expect(bomb.head).toMatch(/server_no_context_takeover/);
    expect(bomb.head).toMatch(/client_no_context_takeover/);
    const small = deflated('{"id":1,"type":"ping"}');
    bomb.send({ payload: small, reserved: 4 });
    expect((await bomb.texts(2))[1]).toMatchObject({ type: 'ok', id: 1 });
    bomb.send({ payload: deflated(Buffer.alloc(64 * 1024 * 1024)), reserved: 4, opcode: opcodes.text });
    expect(await bomb.closed()).toBe(1009);
    await eventually(() => expect(server.stats().connections).toBe(1));
    expect(await other.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
  });
});

it('compression is not offered where it is off, whoever asks', async () => {
  const { url } = await start(() => chooseEngine({ engine: 'ws', host: '127.0.0.1', port: 0 }));
  expect((await subscribed(url, true)).socket.extensions).toBe('');
});

function deflated(data: string | Buffer): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
