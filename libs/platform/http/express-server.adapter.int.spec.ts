import { readFileSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { expect, it } from 'vitest';
import { ExpressServerAdapter } from './index.ts';

@Module({})
class Nothing {}

const crowd = 1_000;

it.runIf(process.platform === 'linux')('lets a crowd of a thousand wait to be accepted, all of it', async () => {
  const app = await NestFactory.create<NestExpressApplication>(Nothing, new ExpressServerAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  const address = (app.getHttpServer() as Server).address();
  const port = (address as { port: number }).port;
  const sockets = Array.from({ length: crowd }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  try {
    // Each has called the kernel by then, and the server has had no turn to accept any.
    await new Promise((resolve) => process.nextTick(resolve));
    expect(establishedTo(port)).toBe(crowd);
  } finally {
    for (const socket of sockets) socket.destroy();
    await app.close();
  }
});

/** Connections that the kernel has opened, seen from the side that connected. */
function establishedTo(port: number): number {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => line.includes(` ${remote} 01 `)).length;
}
