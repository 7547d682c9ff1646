import { openWs } from './connection/open-ws.ts';
import { createReporter as createReporterInMemory } from './reporting/create-reporter.ts';
import type { Reporter, ReporterOptions } from './reporting/reporter.ts';
import { SpillFile } from './reporting/spill-file.ts';
import { clientOver, type ClientOptions, type TestcastClient } from './testcast-client.ts';

export * from './index.ts';
export { SpillFile } from './reporting/spill-file.ts';

/** A client for Node 20 and newer: sockets by `ws`, with the token in the header where `streamUrl` is given. */
export function createClient(options: ClientOptions = {}): TestcastClient {
  return clientOver(openWs, options);
}

/** A reporter that spills to a file in the temporary folder when the server is away for long. */
export function createReporter(options: ReporterOptions): Reporter {
  return createReporterInMemory({ openSpill: () => new SpillFile(), ...options });
}
