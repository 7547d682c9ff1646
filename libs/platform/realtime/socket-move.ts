import type { OnGone } from './connection.ts';
import type { MigrationTarget } from './migration/index.ts';

/** Connections that are to move to another server. */
export interface SocketMove {
  readonly count: number;
  readonly target: MigrationTarget;
  /** Told to the clients. */
  readonly reason: string;
  /** Who was moved here within as many milliseconds is left alone; default: nobody is. */
  readonly restMs?: number | undefined;
  /** Called once for each that was asked. */
  readonly onGone?: OnGone | undefined;
}
