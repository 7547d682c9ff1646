import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { migrations } from '#migrations';
import { isUnreachable } from '#platform/event-store';

export interface WaitForSchemaOptions {
  /** Milliseconds before it gives up (default 60,000). */
  readonly within?: number | undefined;
}

/**
 * Resolves once every migration that this build knows has been applied, by whatever process: until then a query could
 * meet a table that is not there. A schema that is newer is fine.
 *
 * @throws Error naming the migrations that are missing
 */
export async function waitForSchema(
  dataSource: DataSource,
  { within = 60_000 }: WaitForSchemaOptions = {},
): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    const missing = await missingMigrations(dataSource);
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`the schema lacks ${missing.join(', ')}: run npm run migrate`);
    await delay(200);
  }
}

/** Names of the migrations that this build knows and the database does not have. */
export async function missingMigrations(dataSource: DataSource): Promise<string[]> {
  const known = migrations.map(({ name }) => name);
  try {
    const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
    const applied = new Set(rows.map(({ name }) => name));
    return known.filter((name) => !applied.has(name));
  } catch (error) {
    if (isUndefinedTable(error) || isUnreachable(error)) return known;
    throw error;
  }
}

function isUndefinedTable(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '42P01';
}
