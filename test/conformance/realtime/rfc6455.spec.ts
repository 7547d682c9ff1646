import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { onEachEngine } from './on-each-engine.ts';
import { clientFrame, type FrameShape, handshake, opcodes, RawClient } from './raw-client.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';

let running: RunningApp | undefined;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const { tcp } of clients.splice(0)) tcp.destroy();
  await running?.close();
  running = undefined;
});

async function open(): Promise<RawClient> {
  running ??= await startRealtime();
  const client = await RawClient.open(running.url);
  clients.push(client);
  return client;
}

const { continuation, text, ping, pong, close } = opcodes;
const request = (id: number) => JSON.stringify({ id, type: 'ping' });
const mebibyte = 1024 * 1024;
const letters = (count: number) => Buffer.alloc(count, 'a');

onEachEngine('RFC 6455: what is right', (engine) => {
  it('a handshake is answered with the accept key of its key, and with the subprotocol that both know', async () => {
    const { head } = await open();
    expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(head).toMatch(/^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=$/im);
    expect(head).toMatch(/^Sec-WebSocket-Protocol: testcast\.v1$/im);
    expect(head).not.toMatch(/^Sec-WebSocket-Extensions:/im);
  });

  it('a handshake may come byte by byte, and so may a frame', async () => {
    running = await startRealtime();
    const client = RawClient.write(running.url, '');
    clients.push(client);
    await bytewise(client, Buffer.from(handshake(running.url)));
    await client.texts(1);
    await bytewise(client, clientFrame({ payload: request(7) }));
    expect((await client.texts(2))[1]).toMatchObject({ type: 'ok', id: 7 });
  });

  it('a message may come in fragments, with pings between them', async () => {
    const client = await open();
    const message = request(1);
    client.send(
      { payload: message.slice(0, 5), fin: false },
      { opcode: ping, payload: 'between' },
      { opcode: continuation, fin: false },
      { opcode: continuation, payload: message.slice(5) },
    );
    expect((await client.texts(2))[1]).toMatchObject({ type: 'ok', id: 1 });
    expect(client.frames.find(({ opcode }) => opcode === pong)?.payload.toString()).toBe('between');
  });

  it('a character may be cut in two by fragments', async () => {
    const client = await open();
    const message = Buffer.from(JSON.stringify({ id: 'é', type: 'ping' }));
    const within = message.indexOf('é') + 1;
    client.send(
      { payload: message.subarray(0, within), fin: false },
      { opcode: continuation, payload: message.subarray(within) },
    );
    expect((await client.texts(2))[1]).toMatchObject({ type: 'ok', id: 'é' });
  });

  it('many messages may come in one packet, and are answered in their order', async () => {
    const client = await open();
    client.send(...Array.from({ length: 16 }, (_, id): FrameShape => ({ payload: request(id) })));
    const replies = (await client.texts(17)).slice(1);
    expect(replies.map((reply) => (reply as { id: number }).id)).toEqual(Array.from({ length: 16 }, (_, id) => id));
  });

  it('a message of just 1 MiB is looked at', async () => {
    const client = await open();
    client.send({ payload: letters(mebibyte) });
    expect((await client.texts(2))[1]).toMatchObject({ type: 'error', error: { code: 'protocol.bad-frame' } });
  });

  it('a close is answered with its own code, and the connection ends', async () => {
    const client = await open();
    client.send({ opcode: close, payload: Buffer.from([0x0f, 0xa1, ...Buffer.from('bye')]) });
    expect(await client.closed()).toBe(4001);
    await eventually(() => expect(running!.server.stats().closed.get(4001)).toBe(1));
  });

  it('a pong that nobody asked for is passed over', async () => {
    const client = await open();
    client.send({ opcode: pong, payload: 'unasked' }, { payload: request(1) });
    expect((await client.texts(2))[1]).toMatchObject({ type: 'ok', id: 1 });
  });

  // A client may not (4.1), but some do. uWebSockets.js has only the handshake's bytes when the token is checked later.
  it(`a frame right behind the handshake is ${engine === 'ws' ? 'served' : 'lost, and the next one is served'}`, async () => {
    running = await startRealtime();
    const early = Buffer.concat([Buffer.from(handshake(running.url)), clientFrame({ payload: request(1) })]);
    const client = RawClient.write(running.url, early);
    clients.push(client);
    await client.texts(1);
    client.send({ payload: request(2) });
    const replies = await client.texts(engine === 'ws' ? 3 : 2);
    expect(replies.at(-1)).toMatchObject({ type: 'ok', id: 2 });
  });
});

interface Breach {
  readonly what: string;
  readonly frames: readonly FrameShape[];
  /** Of the close frame, and in metrics: by ws, by uWebSockets.js. */
  readonly ws: readonly [number | undefined, number];
  readonly uws: readonly [number | undefined, number];
}

const silently: readonly [undefined, number] = [undefined, 1006];
const breaches: readonly Breach[] = [
  { what: 'a reserved bit', frames: [{ payload: '{}', reserved: 4 }], ws: [1002, 1002], uws: silently },
  { what: 'a reserved opcode', frames: [{ opcode: 3, payload: '{}' }], ws: [1002, 1002], uws: silently },
  { what: 'a reserved control opcode', frames: [{ opcode: 11 }], ws: [1002, 1002], uws: silently },
  { what: 'a ping in fragments', frames: [{ opcode: ping, fin: false }], ws: [1002, 1002], uws: silently },
  {
    what: 'a ping of 126 bytes',
    frames: [{ opcode: ping, payload: letters(126) }],
    ws: [1002, 1002],
    uws: silently,
  },
  {
    what: 'a continuation of nothing',
    frames: [{ opcode: continuation, payload: '{}' }],
    ws: [1002, 1002],
    uws: silently,
  },
  {
    what: 'a new message within one',
    frames: [{ payload: '{', fin: false }, { payload: '{}' }],
    ws: [1002, 1002],
    uws: silently,
  },
  {
    what: 'text that is not UTF-8, in the second fragment',
    frames: [
      { payload: '{', fin: false },
      { opcode: continuation, payload: Buffer.from([0xed, 0xa0, 0x80]) },
    ],
    ws: [1007, 1007],
    uws: [undefined, 1007],
  },
  {
    what: 'a message over 1 MiB',
    frames: [{ opcode: text, payload: letters(mebibyte + 1) }],
    ws: [1009, 1009],
    uws: [1009, 1009],
  },
  {
    what: 'fragments that are over 1 MiB together',
    frames: [
      { payload: letters(mebibyte), fin: false },
      { opcode: continuation, payload: letters(10) },
    ],
    ws: [1009, 1009],
    uws: [1009, 1009],
  },
  {
    what: 'a close of one byte',
    frames: [{ opcode: close, payload: Buffer.from([3]) }],
    ws: [1002, 1002],
    uws: [undefined, 1005],
  },
  {
    what: 'a close with a code that may not be sent',
    frames: [{ opcode: close, payload: Buffer.from([0x03, 0xee]) }],
    ws: [1002, 1002],
    uws: silently,
  },
];

onEachEngine('RFC 6455: what is wrong ends the connection, and no other', (engine) => {
  it.each(breaches)('$what', async ({ frames, [engine]: [told, counted] }) => {
    const other = await open();
    const client = await open();
    client.send(...frames);
    expect(await client.closed()).toBe(told);
    await eventually(() => expect([...running!.server.stats().closed]).toEqual([[counted, 1]]));
    expect(client.frames.filter(({ opcode }) => opcode === text)).toHaveLength(1);
    other.send({ payload: request(1) });
    expect((await other.texts(2))[1]).toMatchObject({ type: 'ok', id: 1 });
  });

  it('a frame that is not masked is never handled', async () => {
    const client = await open();
    client.send({ payload: request(1), masked: false }, { payload: request(2) }, { opcode: close });
    expect(await client.closed()).toBe(engine === 'ws' ? 1002 : undefined);
    const handled = await client.texts(1);
    expect(handled.filter((frame) => (frame as { id?: number }).id === 1)).toEqual([]);
  });

  it.each(['GET /stream HTTP/1.1\r\nHost: t\r\nUpgr', '\r\n\r\n', '\0\0\0\0', ''])(
    'half a handshake (%j) is nobody, and its end leaves nothing',
    async (half) => {
      const other = await open();
      const tcp = connect(Number(new URL(running!.url).port), '127.0.0.1');
      tcp.on('error', () => undefined);
      await new Promise((resolve) => tcp.once('connect', resolve));
      tcp.end(half);
      other.send({ payload: request(1) });
      await other.texts(2);
      expect(running!.server.stats()).toMatchObject({ connections: 1, admitting: 0 });
      tcp.destroy();
    },
  );
});

async function bytewise(client: RawClient, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    client.tcp.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
