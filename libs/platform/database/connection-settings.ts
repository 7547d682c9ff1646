import type { DataSourceOptions } from 'typeorm';
import { SteadyClient } from './steady-client.ts';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

export interface ConnectionSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections of this process (default 16); the event store keeps four of them. */
  readonly poolSize?: number | undefined;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string | undefined;
}

/** Milliseconds. */
export const connectTimeout = 5_000;
/** Milliseconds after which the server gives a statement up: nothing on the way of a request may hold a connection longer. */
export const statementTimeout = 30_000;
/** Milliseconds: a process that stopped in the middle of a transaction would hold its locks, and vacuum, for ever. */
export const idleInTransactionTimeout = 60_000;

/** Milliseconds that a replica has to answer, or to take a connection: what it does not, the primary does. */
const replicaTimeout = 1_000;

/** Connections to a standby that answers reads of the log: few and impatient, and never for writing. */
export function replicaOptions(settings: ConnectionSettings): PostgresOptions {
  const { extra, ...options } = connectionOptions({ poolSize: 4, ...settings });
  return {
    ...options,
    connectTimeoutMS: replicaTimeout,
    extra: { ...(extra as object), statement_timeout: replicaTimeout, options: '-c default_transaction_read_only=on' },
  };
}

/**
 * What all transactions here are written for: under a stricter default of the server, those that wait for each other would
 * fail, where they only have to look again. As the connections' default and not with each transaction, where it was a tenth
 * of all statements. A PgBouncer in between has to let it pass as it has to let the timeouts (`ignore_startup_parameters`,
 * with `options` in it); it then drops them all, and the database's own default must be what PostgreSQL's is.
 */
const isolation = String.raw`read\ committed`;

/** What every DataSource of the house has in common. */
export function connectionOptions(settings: ConnectionSettings): PostgresOptions {
  return {
    type: 'postgres',
    url: settings.url,
    poolSize: settings.poolSize ?? 16,
    applicationName: settings.applicationName ?? 'testcast',
    connectTimeoutMS: connectTimeout,
    // Our tables use nothing but what the server has, and CREATE EXTENSION needs rights that an application should not have.
    installExtensions: false,
    synchronize: false,
    extra: {
      Client: SteadyClient,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      statement_timeout: statementTimeout,
      idle_in_transaction_session_timeout: idleInTransactionTimeout,
      options: `-c default_transaction_isolation=${isolation}`,
    },
  };
}
