import { setTimeout as delay } from 'node:timers/promises';
import { LoadClient } from '../live/load-client.ts';
import type { LiveProduct } from '../live/live-product.ts';
import { type LiveTarget, targetOf } from '../live/live-target.ts';
import { Publisher } from '../live/publisher.ts';
import { nowMicros } from '../live/publishing.ts';
import type { Figure } from '../support/figures.ts';

/** Kills the only gateway under its subscribers, and starts it again; stops the product. */
export async function restart(
  product: LiveProduct,
  { sockets, rooms }: { sockets: number; rooms: number },
  print: (line: string) => void,
): Promise<Figure[]> {
  const target = await targetOf(product);
  const client = LoadClient.start({ ...target.subscribe, sockets, rooms, opening: 0 });
  try {
    await client.until('all are in', ({ ready }) => ready === sockets, 60_000);
    await publishing(target, rooms, async () => undefined);
    await client.mark();
    const before = client.allReadyAt.length;
    let [killedAt, listeningAt] = [0, 0];
    await publishing(target, rooms, async () => {
      await delay(1_000);
      killedAt = nowMicros();
      await product.gateway.process.kill('SIGKILL');
      await product.gateway.process.start();
      listeningAt = nowMicros();
    });
    await client.until('all are back', () => client.allReadyAt.length > before, 60_000);
    const backAt = client.allReadyAt.at(-1)!;
    await publishing(target, rooms, async () => undefined);
    const seen = await client.until('nobody lacks anything', ({ behind }) => behind === 0, 20_000);
    const name = `Testcast, kill and restart under ${sockets.toLocaleString('en')}`;
    const seconds = (since: number, until: number) => (until - since) / 1e6;
    print(
      `${name}: all back after ${seconds(killedAt, backAt).toFixed(2)} s, ${seconds(listeningAt, backAt).toFixed(2)} s of them once it listened`,
    );
    return [
      { name: `${name}: all back`, value: seconds(killedAt, backAt), unit: 's', target: '< 5' },
      { name: `${name}: until it served again`, value: seconds(killedAt, listeningAt), unit: 's' },
      { name: `${name}: from the first packet of the last try, p99`, value: seen.joined.p99 / 1_000, unit: 'ms' },
      { name: `${name}: missing`, value: seen.missing, unit: 'events', target: '0' },
      { name: `${name}: repeated`, value: seen.repeated, unit: 'events', target: '0' },
    ];
  } finally {
    await client.stop();
    await product.stop();
  }
}

/** Events to every room during some work; connections of the publisher may break, as those of a CI job do. */
async function publishing(target: LiveTarget, rooms: number, work: () => Promise<void>): Promise<void> {
  const publisher = await Publisher.open({ ...target.publish, rooms });
  try {
    await Promise.all([publisher.run({ eventsPerSecond: rooms, batch: 1, seconds: 2 }), work()]);
    await delay(500);
  } finally {
    publisher.close();
  }
}
