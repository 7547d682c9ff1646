import 'reflect-metadata';
import { ConfigurationError } from '#apps/gateway/environment';
import { PortInUse } from './free-port.ts';
import { Standalone } from './standalone.ts';
import { readStandaloneConfig } from './standalone.config.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const standalone = new Standalone(readStandaloneConfig(process.env), print);
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) {
      standalone.abandon();
      process.exit(130);
    }
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A terminal that is closed.
  process.on('SIGHUP', onSignal);
  await standalone.run(stop.signal);
}

function explained(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof PortInUse) return error.message;
  if (!(error instanceof Error)) return String(error);
  return `Testcast did not start: ${process.env.LOG_LEVEL === 'debug' ? error.stack : error.message}`;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${explained(error)}\n`);
    process.exit(1);
  },
);
