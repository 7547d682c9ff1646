import { connect } from 'node:net';

/** A Metadata request, version 1, for no topics: length, key, version, correlation id, client id (null), topics. */
const request = Buffer.from('0000000e0003000100000001ffff00000000', 'hex');

/** How many brokers take part in the cluster, 0 while nothing answers: the port is open before the broker serves. */
export function liveBrokers(port: number): Promise<number> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(0));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      // Length and correlation id come before the number of brokers.
      if (answer.length < 12) return;
      resolve(answer.readInt32BE(8));
      socket.destroy();
    });
  });
}
