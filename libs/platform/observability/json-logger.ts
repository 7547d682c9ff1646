import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, destination as openDestination, pino } from 'pino';
import { redact, redactText } from './redact.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface JsonLoggerOptions {
  readonly level: LogLevel;
  /** Which process writes: `gateway`, `projector`. */
  readonly name: string;
  /** Default: standard output, written at once, so that the last lines before a crash are there. */
  readonly destination?: DestinationStream | undefined;
}

/** Nest's logger as lines of JSON. Credentials are left out, whether they come as a field or inside text. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor({ level, name, destination = openDestination({ dest: 1, sync: true }) }: JsonLoggerOptions) {
    this.pino = pino(
      { level, name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      destination,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  // Nest passes its context as the last text, and for errors a stack before it.
  private write(level: LogLevel, message: unknown, rest: unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const others = (context === undefined ? rest : rest.slice(0, -1)).filter((entry) => entry !== undefined);
    const text =
      typeof message === 'string'
        ? redactText(message)
        : message instanceof Error
          ? redactText(message.message)
          : undefined;
    const fields = {
      ...(context === undefined ? {} : { context }),
      ...(message instanceof Error ? { error: redact(message) } : {}),
      ...(text === undefined ? { data: redact(message) } : {}),
      ...(others.length === 0 ? {} : { details: redact(others) }),
    };
    if (text === undefined) this.pino[level](fields);
    else this.pino[level](fields, text);
  }
}
