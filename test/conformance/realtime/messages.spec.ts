import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { closeCodes } from '@testcast/contracts';
import { map, of, throwError } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Caller, DomainError } from '#platform/kernel';
import { FromCaller, type Message, Payload } from '#platform/realtime';
import { eventually } from '#platform/testing';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { type Reply, StreamClient } from './stream-client.ts';

const waitSchema = z.object({ name: z.string() });

@Injectable()
class NobodyPasses implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class Twice implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<number>) {
    return next.handle().pipe(map((value) => ({ value: value * 2 })));
  }
}

@WebSocketGateway()
class Probe {
  static readonly waiting = new Map<string, () => void>();
  static readonly started: string[] = [];

  @SubscribeMessage('probe.wait')
  async wait(@Payload(waitSchema) { name }: z.infer<typeof waitSchema>): Promise<{ name: string }> {
    Probe.started.push(name);
    await new Promise<void>((resolve) => Probe.waiting.set(name, resolve));
    return { name };
  }

  @SubscribeMessage('probe.whoami')
  whoami(@FromCaller() caller: Caller): { subject: string } {
    return { subject: caller.subject };
  }

  @SubscribeMessage('probe.frame')
  frame(@MessageBody() message: Message): unknown {
    return { type: message.type, data: message.data, subject: message.caller.subject };
  }

  @SubscribeMessage('probe.nothing')
  nothing(): void {}

  @SubscribeMessage('probe.observable')
  observable() {
    return of(1, 2, 3);
  }

  @SubscribeMessage('probe.failing-observable')
  failingObservable() {
    return throwError(() => new DomainError('run.unknown'));
  }

  @SubscribeMessage('probe.domain-error')
  domainError(): never {
    throw new DomainError('run.already-ended', 'It has ended.', { details: { offset: 7 } });
  }

  @SubscribeMessage('probe.bug')
  async bug(): Promise<never> {
    throw new Error('secret of the server');
  }

  @UseGuards(NobodyPasses)
  @SubscribeMessage('probe.guarded')
  guarded(): void {}

  @UseInterceptors(Twice)
  @SubscribeMessage('probe.twice')
  twice(): number {
    return 21;
  }
}

@WebSocketGateway()
class SecondProbe {
  @SubscribeMessage('second.hello')
  hello(): { hello: string } {
    return { hello: 'from the second gateway' };
  }
}

let running: RunningApp | undefined;
afterEach(async () => {
  for (const settle of Probe.waiting.values()) settle();
  Probe.waiting.clear();
  Probe.started.length = 0;
  await running?.close();
  running = undefined;
});

async function connected(options: Parameters<typeof startRealtime>[0] = {}): Promise<StreamClient> {
  running = await startRealtime(options, [Probe, SecondProbe]);
  return StreamClient.connect(running.url);
}
const errorOf = (reply: Reply) => (reply.type === 'error' ? reply.error : undefined);

describe('handlers of gateways', () => {
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

describe('the order of replies', () => {
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

describe('frames that are none', () => {
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
    expect(await client.closed()).toBe(1007);
  });
});

describe('a token that expires', () => {
  it('closes the connection with 4002 after the grace', async () => {
    running = await startRealtime({ tuning: { expiryGraceMs: 100, tickMs: 10 } });
    running.tokens.grant('short', 'bob', { shop: 'read' }, Date.now() + 100);
    const client = await StreamClient.connect(running.url, 'short');
    expect(await client.closed()).toBe(closeCodes.tokenExpired);
    expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: closeCodes.tokenExpired });
  });

  it('is renewed by a new one of the same subject', async () => {
    running = await startRealtime({ tuning: { expiryGraceMs: 100, tickMs: 10 } });
    const expiresAt = Date.now() + 3_600_000;
    running.tokens.grant('short', 'bob', { shop: 'read' }, Date.now() + 300);
    running.tokens.grant('long', 'bob', { shop: 'read' }, expiresAt);
    const client = await StreamClient.connect(running.url, 'short');
    expect(errorOf(await client.request('auth.refresh', { token: 'alice' }))).toMatchObject({ code: 'auth.forbidden' });
    expect(errorOf(await client.request('auth.refresh', { token: 'mallory' }))).toMatchObject({ code: 'auth.invalid' });
    expect(await client.ok('auth.refresh', { token: 'long' })).toEqual({ expiresAt });
    const other = await StreamClient.connect(running.url, 'short').catch(() => undefined);
    await other?.closed();
    expect(client.closeCode).toBeUndefined();
    expect(await client.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
  });

  it('takes the rooms that the new one does not cover', async () => {
    running = await startRealtime();
    running.tokens.grant('wide', 'bob', { shop: 'read', bank: 'read' });
    running.tokens.grant('narrow', 'bob', { shop: 'read' });
    const client = await StreamClient.connect(running.url, 'wide');
    await client.ok('room.subscribe', { room: 'run:shop/1' });
    await client.ok('room.subscribe', { room: 'run:bank/1' });
    await client.ok('auth.refresh', { token: 'narrow' });
    expect(await client.push('reset')).toMatchObject({ room: 'run:bank/1', reason: 'access withdrawn' });
    expect(running.server.stats().subscriptions).toBe(1);
  });
});

describe('heartbeat', () => {
  it('pings who is silent, and ends who does not answer', async () => {
    running = await startRealtime({ tuning: { idleTimeoutMs: 300, pingAfterMs: -8000, tickMs: 20 } });
    const alive = await StreamClient.connect(running.url);
    let pings = 0;
    alive.socket.on('ping', () => (pings += 1));
    const dead = await StreamClient.connect(running.url, 'alice', { autoPong: false });
    expect(await dead.closed()).toBe(1006);
    expect(pings).toBeGreaterThan(0);
    expect(alive.closeCode).toBeUndefined();
  });
});

describe('shutdown', () => {
  it('says so, lets replies out and closes with a code that means "connect again"', async () => {
    const client = await connected();
    const id = client.send('probe.wait', { name: 'last' });
    await eventually(() => expect(Probe.started).toEqual(['last']));
    const closing = running!.close();
    const late = client.send('ping');
    Probe.waiting.get('last')!();
    expect(await client.closed()).toBe(closeCodes.goingAway);
    expect(await client.reply(id)).toMatchObject({ type: 'ok', data: { name: 'last' } });
    expect(errorOf(await client.reply(late))).toMatchObject({ code: 'connection.draining', temporary: true });
    expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: closeCodes.goingAway });
    await closing;
    running = undefined;
  });

  it('does not wait for ever for a peer that does not answer', async () => {
    const client = await connected({ tuning: { drainGraceMs: 100 } });
    client.socket.pause();
    const { server } = running!;
    await running!.close();
    running = undefined;
    await eventually(() => expect(server.stats().connections).toBe(0));
    client.socket.resume();
    await client.closed();
  });
});
