import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { median, quantile } from '../support/figures.ts';

const pairs = 200;
const frame = Buffer.alloc(300, 1);

export interface NoDelayTimes {
  readonly p50: number;
  readonly p99: number;
}

/**
 * Milliseconds from a request until both of two small writes that answer it have come, as a reply and the room's frame behind it.
 * Without no-delay the kernel keeps the second one back until the peer has acknowledged the first, and a peer that has just
 * sent something waits for more to send along with that.
 */
export async function pairTimes(noDelay: boolean): Promise<NoDelayTimes> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(server, 'connection')) as [Socket];
  peer.setNoDelay(noDelay);
  const times: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    let came = 0;
    const whole = new Promise<void>((resolve) => {
      const take = (chunk: Buffer): void => {
        came += chunk.length;
        if (came < 2 * frame.length) return;
        client.off('data', take);
        resolve();
      };
      client.on('data', take);
    });
    const asked = once(peer, 'data');
    const began = performance.now();
    client.write('?');
    await asked;
    peer.write(frame);
    await new Promise(setImmediate);
    peer.write(frame);
    await whole;
    times.push(performance.now() - began);
    await delay(5);
  }
  client.destroy();
  peer.destroy();
  server.close();
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: median(sorted), p99: quantile(sorted, 0.99) };
}
