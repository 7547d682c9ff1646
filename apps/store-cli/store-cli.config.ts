import path from 'node:path';
import { z } from 'zod';

const settings = z.object({
  DATABASE_URL: z
    .string()
    .refine(
      (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/testcast',
    )
    .optional(),
  DATA_DIR: z.string().default('.testcast'),
  EXPORT_DIR: z.string().optional(),
});

export interface StoreCliConfig {
  /** Undefined: the PostgreSQL of a server that runs on this machine. */
  readonly databaseUrl: string | undefined;
  /** Of that PostgreSQL. */
  readonly postgresDir: string;
  /** Where runs go before they are erased. */
  readonly exportDir: string;
}

/** Throws an Error that says what is wrong, without the value: it has a password in it. */
export function readStoreCliConfig(environment: NodeJS.ProcessEnv): StoreCliConfig {
  const given = Object.fromEntries(
    Object.keys(settings.shape).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = settings.safeParse(given);
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('\n'));
  const { DATABASE_URL, DATA_DIR, EXPORT_DIR } = parsed.data;
  return Object.freeze({
    databaseUrl: DATABASE_URL,
    postgresDir: path.resolve(DATA_DIR, 'postgres'),
    exportDir: EXPORT_DIR === undefined ? path.resolve(DATA_DIR, 'exports') : path.resolve(EXPORT_DIR),
  });
}
