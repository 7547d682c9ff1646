import { isNative, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { targetOf } from '../live/live-target.ts';
import { startSocketIo } from '../peers/node-peers.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import { flaps } from './flaps.ts';
import { restart } from './restart.ts';

/** Connections that break, and a server that dies. */
export const recovery: Scenario = {
  name: 'recovery',
  help: `Flaps: 10,000 subscribers in 100 rooms, each cut off 10 to 20 s after it came and gone for 2 s, over 60 s of traffic
(10,000 deliveries/s: each room gets one event a second; --rate N). Each asks for what follows its own last offset.
Delivered = events that arrived / events that were published to a subscriber's room since it first came. Replay is from the
first packet of a reconnect until the subscriber has what others of its room had seen by then. Beside it Socket.IO with its
connection state recovery on, in memory, and without, with the same client (--peers none leaves both out).
Restart: the only gateway is killed (SIGKILL) under 10,000 subscribers while events are published, and started again at
once; subscribers come back with full jitter (up to 500 ms, doubled by each failure, up to 1.5 s, as packages/client does). Time is from
the kill, the start of the process included. Afterwards events are published to every room: nobody may lack one.
--subscribers, --rooms, --seconds, --engine ws|uws. PostgreSQL with fsync, no projector, no TLS.`,
  async run(print, options) {
    const native = isNative();
    if (!native) print(`no compiler (cc): the subscribers are a Node.js process, ${mostSocketsOfNode} at most`);
    const sockets = Math.min(
      native ? Number.POSITIVE_INFINITY : mostSocketsOfNode,
      Number(options.subscribers ?? 10_000),
    );
    const size = { sockets, rooms: Math.min(sockets, Number(options.rooms ?? 100)) };
    const run = { ...size, deliveries: Number(options.rate ?? sockets), seconds: Number(options.seconds ?? 60) };
    const engine = (options.engine ?? 'ws') as Engine;
    const product = () => LiveProduct.start({ engine });
    const figures: Figure[] = [...(await flaps(await targetOf(await product()), run, print, true))];
    if (options.peers !== 'none') {
      // The client made of Node.js does not know how Socket.IO's sessions are asked for.
      for (const recovery of native ? [true, false] : [false]) {
        figures.push(...(await flaps(await startSocketIo({ recovery }), run, print, false)));
      }
    }
    figures.push(...(await restart(await product(), size, print)));
    return figures;
  },
};
