import { createServer } from 'node:net';

/** Says in words that the port is taken, before anything is started that would have to be stopped again. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(host: string, port: number) {
    super(
      `Port ${port} on ${host} is in use. If Testcast is running already, open http://${host}:${port}; else set PORT to a free one.`,
    );
  }
}

/** Throws PortInUse. Another process may take the port later; listening then fails with the same words. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(host, port) : error);
    });
    probe.listen({ host, port, exclusive: true }, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
