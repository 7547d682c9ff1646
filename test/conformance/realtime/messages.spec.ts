import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { closeCodes } from '@testcast/contracts';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { Probe, SecondProbe } from './probe.ts';
import { onEachEngine } from './on-each-engine.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { type Reply, StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  Probe.reset();
  await running?.close();
  running = undefined;
});

async function connected(options: Parameters<typeof startRealtime>[0] = {}): Promise<StreamClient> {
  running = await startRealtime(options, [Probe, SecondProbe]);
  return StreamClient.connect(running.url);
}
const errorOf = (reply: Reply) => (reply.type === 'error' ? reply.error : undefined);

onEachEngine('handlers of gateways', () => {
  it('answer with what they return, whatever form that has', async () => {
    const client = await connected();
    expect(await client.ok('probe.whoami')).toEqual({ subject: 'alice' });
    expect(await client.ok('second.hello')).toEqual({ hello: 'from the second gateway' });
    expect(await client.ok('probe.frame', { a: 1 })).toEqual({ type: 'probe.frame', data: { a: 1 }, subject: 'alice' });
    expect(await client.ok('probe.nothing')).toEqual({});
    expect(await client.ok('probe.observable')).toBe(3);
    expect(await client.ok('probe.twice')).toEqual({ value: 42 });
  });

  it('answer with the error that they throw, and with no more than that', async () => {
    const client = await connected();
    const ended = errorOf(await client.request('probe.domain-error'));
    expect(ended).toEqual({
      code: 'run.already-ended',
      message: 'It has ended.',
      temporary: false,
      details: { offset: 7 },
    });
    expect(errorOf(await client.request('probe.failing-observable'))).toMatchObject({ code: 'run.unknown' });
    expect(errorOf(await client.request('probe.guarded'))).toMatchObject({ code: 'auth.forbidden' });
    const bug = errorOf(await client.request('probe.bug'));
    expect(bug).toMatchObject({ code: 'internal', temporary: true });
    expect(JSON.stringify(bug)).not.toContain('secret');
  });

  it('are not called with data that does not fit', async () => {
    const client = await connected();
    const refused = errorOf(await client.request('probe.wait', { name: 5 }));
    expect(refused).toMatchObject({ code: 'request.invalid', details: { issues: [{ path: 'name' }] } });
    expect(Probe.started).toEqual([]);
  });

  it('may not share a type', async () => {
    @WebSocketGateway()
    class Clash {
      @SubscribeMessage('ping')
      ping(): void {}
    }
    await expect(startRealtime({}, [Clash])).rejects.toThrow('two handlers are declared for messages of type "ping"');
  });

  it('may not wait for connections that they would never be told of', async () => {
    @WebSocketGateway()
    class Waiting {
      handleConnection(): void {}
    }
    await expect(startRealtime({}, [Waiting])).rejects.toThrow('Waiting.handleConnection would never be called');
  });
});

onEachEngine('the order of replies', () => {
  it('is the order of arrival, with 16 in flight, whichever is done first', async () => {
    const client = await connected();
    const names = Array.from({ length: 20 }, (_, index) => `m${index}`);
    for (const name of names) client.send('probe.wait', { name });
    await eventually(() => expect(Probe.started).toEqual(names.slice(0, 16)));
    for (const name of names.slice(0, 16).reverse()) Probe.waiting.get(name)!();
    await eventually(() => expect(Probe.started).toEqual(names));
    for (const name of names.slice(16).reverse()) Probe.waiting.get(name)!();
    await client.reply(20);
    const replies = client.frames.filter((frame): frame is Reply => frame.type === 'ok');
    expect(replies.map((reply) => (reply.type === 'ok' ? reply.data : undefined))).toEqual(
      names.map((name) => ({ name })),
    );
  });

  it('holds for errors and for messages that nobody handles', async () => {
    const client = await connected();
    client.send('probe.wait', { name: 'slow' }, 'first');
    client.send('no.such.type', {}, 'second');
    client.send('ping', {}, 'third');
    await eventually(() => expect(Probe.started).toEqual(['slow']));
    Probe.waiting.get('slow')!();
    await client.reply('third');
    expect(client.frames.slice(1).map((frame) => ('id' in frame ? frame.id : undefined))).toEqual([
      'first',
      'second',
      'third',
    ]);
    expect(errorOf(await client.reply('second'))).toMatchObject({ code: 'protocol.unknown-type' });
  });

  it('is not bought with memory: a full inbox closes the connection with 4008', async () => {
    const client = await connected({ tuning: { maxWaiting: 4 } });
    for (let index = 0; index < 21; index++) client.send('probe.wait', { name: `m${index}` });
    expect(await client.closed()).toBe(closeCodes.tooManyMessages);
    expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: closeCodes.tooManyMessages });
  });
});

onEachEngine('frames that are none', (engine) => {
  it('get an error without an id, and the connection stays', async () => {
    const client = await connected();
    client.socket.send('not json');
    client.socket.send('{"type":"ping"}');
    client.socket.send('[1,2]');
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(await client.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
    const errors = client.frames.filter((frame) => frame.type === 'error');
    expect(errors).toHaveLength(4);
    for (const error of errors) expect(error).toMatchObject({ error: { code: 'protocol.bad-frame' } });
    for (const error of errors) expect('id' in error).toBe(false);
  });

  it('close the connection with 4502 when they do not end', async () => {
    const client = await connected();
    for (let index = 0; index < 20; index++) client.socket.send('x');
    expect(await client.closed()).toBe(closeCodes.protocolAbuse);
  });

  it('close it with 1009 when they are over 1 MiB', async () => {
    const client = await connected();
    client.socket.send('x'.repeat(1024 * 1024 + 1));
    expect(await client.closed()).toBe(1009);
    await eventually(() => expect(running!.server.stats().closed.get(1009)).toBe(1));
  });

  it('close it with 1007 when the text is not UTF-8', async () => {
    const client = await connected();
    client.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    // uWebSockets.js says nothing to the client; the server knows why all the same.
    expect(await client.closed()).toBe(engine === 'ws' ? 1007 : 1006);
    await eventually(() => expect(running!.server.stats().closed.get(1007)).toBe(1));
  });
});
