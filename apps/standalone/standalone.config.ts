import { join, resolve } from 'node:path';
import { readEnvironment } from '#apps/gateway/environment';
import { gatewayConfigOf, type GatewayConfig, gatewaySettings } from '#apps/gateway/gateway.config';

export interface StandaloneConfig {
  readonly dataDir: string;
  /** Of the embedded PostgreSQL. */
  readonly postgresDir: string;
  /** Where runs go before they are erased. */
  readonly exportDir: string;
  /** Set: the database is somebody else's, and none is started here. */
  readonly databaseUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly logLevel: GatewayConfig['logLevel'];
  readonly gateway: (databaseUrl: string) => GatewayConfig;
}

/** Throws ConfigurationError with every problem. */
export function readStandaloneConfig(environment: NodeJS.ProcessEnv): StandaloneConfig {
  const settings = readEnvironment(gatewaySettings, environment);
  const dataDir = resolve(settings.DATA_DIR ?? '.testcast');
  const logLevel = settings.LOG_LEVEL ?? 'warn';
  return Object.freeze({
    dataDir,
    postgresDir: join(dataDir, 'postgres'),
    exportDir: resolve(environment['EXPORT_DIR']?.trim() || join(dataDir, 'exports')),
    databaseUrl: settings.DATABASE_URL,
    host: settings.HOST,
    port: settings.PORT,
    logLevel,
    gateway: (databaseUrl: string) =>
      gatewayConfigOf({ ...settings, DATA_DIR: dataDir }, { alone: true, databaseUrl, logLevel }),
  });
}
