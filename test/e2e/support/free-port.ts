import { createServer } from 'node:net';

/** Two balancers that were given the same port would both listen on it, since HAProxy shares ports, and halve its clients. */
const given = new Set<number>();

/** A port that was free a moment ago, never one twice; a gateway that is started again must come back on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  const { port } = address;
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
}
