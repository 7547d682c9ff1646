import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MetricsServerModule, Readiness, Scrape } from '#platform/observability';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves `/metrics` and `/health` of the gateway on a port that balancers do not lead to: what goes through them is for
 * everybody. Says how the gateway drains while it does.
 *
 * @throws Error with `code: 'EADDRINUSE'` when the port is taken
 */
export async function serveMetrics(app: NestExpressApplication, host: string, port: number): Promise<MetricsServer> {
  const server = await NestFactory.create<NestExpressApplication>(
    MetricsServerModule.forRoot(app.get(Scrape), app.get(Readiness)),
    { bodyParser: false, abortOnError: false },
  );
  server.disable('x-powered-by');
  try {
    await server.listen(port, host);
  } catch (error) {
    await server.close();
    throw error;
  }
  const address = server.getHttpServer().address() as AddressInfo;
  return { port: address.port, stop: () => server.close() };
}
