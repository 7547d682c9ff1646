import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Caller, Clock } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { accessOptions, type AccessOptions } from './access.options.ts';
import { ApiKeys } from './authentication/api-keys.ts';
import { displayedPrefix, insertKey } from './commands/insert-key.sql.ts';
import { apiKeyPrefix, hashOf, newSecret } from './secrets.ts';

const isRevoked = `
  select 1 from api_keys where key_hash = $1 and revoked_at is not null
`;

/** The key with which whoever owns the machine comes in first. */
@Injectable()
export class AdminKey implements OnApplicationBootstrap {
  private owner: Caller | undefined;

  constructor(
    @Inject(accessOptions) private readonly options: AccessOptions,
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly apiKeys: ApiKeys,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { adminKeyFile } = this.options;
    if (adminKeyFile === undefined) return;
    const key = await this.keyOf(adminKeyFile);
    await this.database.query(insertKey, [
      randomUUID(),
      hashOf(key),
      displayedPrefix(key),
      'admin key of the first start',
      JSON.stringify({ '*': 'admin' }),
      'first start',
      new Date(this.clock.now()),
      null,
    ]);
    this.owner = await this.apiKeys.callerOf(key);
  }

  /** Who holds the admin key. Throws where this process keeps none. */
  caller(): Caller {
    if (this.owner === undefined) throw new Error('this process keeps no admin key');
    return this.owner;
  }

  // The file comes before the row: a crash between the two leaves a key that the next start knows.
  private async keyOf(file: string): Promise<string> {
    const kept = await contentOf(file);
    if (kept?.startsWith(apiKeyPrefix) === true && !(await this.wasRevoked(kept))) return kept;
    const key = newSecret(apiKeyPrefix);
    await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return key;
  }

  private async wasRevoked(key: string): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(isRevoked, [hashOf(key)]);
    return rows.length > 0;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
