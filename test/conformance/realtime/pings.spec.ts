import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { onEachEngine } from './on-each-engine.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

onEachEngine('pings of a client', (engine) => {
  it('answers each ping with its own payload', async () => {
    running = await startRealtime();
    const client = await StreamClient.connect(running.url);
    const answers: string[] = [];
    client.socket.on('pong', (data: Buffer) => answers.push(data.toString()));
    for (let n = 1; n <= 20; n++) {
      client.socket.ping(`${n}`);
      await eventually(() => expect(answers).toHaveLength(n));
    }
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}`));
  });

  it('ends a client that pings without pause and never reads, holds nothing for it, and serves the others', async () => {
    running = await startRealtime();
    const accepted: Socket[] = [];
    (running.app.getHttpServer() as Server).on('connection', (socket: Socket) => accepted.push(socket));
    const flooding = await StreamClient.connect(running.url);
    const served = engine === 'ws' ? accepted.at(-1)! : undefined;
    const other = await StreamClient.connect(running.url);
    flooding.socket.pause();

    // Answers to all of them would be more than the buffers of the kernel take.
    let most = 0;
    for (let n = 1; n <= 100_000; n++) {
      flooding.socket.ping('x'.repeat(125));
      if (n % 1000 !== 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, served?.writableLength ?? 0);
    }
    const { server } = running;
    await eventually(() => expect(server.stats().connections).toBe(1));
    expect(most).toBeLessThan(256 * 1024);
    expect(await other.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
  });
});
