import type { LoadClientOptions } from './load-client.ts';
import type { LiveProduct } from './live-product.ts';
import type { Publishing } from './publishing.ts';

/** A server that subscribers are in and events go through: the product, or a peer. */
export interface LiveTarget {
  readonly name: string;
  readonly subscribe: Pick<LoadClientOptions, 'dialect' | 'ports' | 'room' | 'header'>;
  readonly publish: Omit<Publishing, 'rooms'>;
  /** For CPU: process ids of who takes part, by name. */
  readonly processes: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export async function targetOf(product: LiveProduct): Promise<LiveTarget> {
  const { streamPort } = product.gateway;
  const { length: gateways } = product.gateways;
  return {
    name: gateways === 1 ? 'Testcast' : `Testcast, ${gateways} gateways`,
    subscribe: {
      dialect: 'testcast',
      ports: product.gateways.map((gateway) => gateway.streamPort),
      room: product.room,
      header: await product.authorization(),
    },
    publish: {
      to: 'testcast',
      url: `ws://127.0.0.1:${streamPort}/stream`,
      token: await product.adminKey(),
      room: product.room,
    },
    processes: product.processes,
    stop: () => product.stop(),
  };
}
