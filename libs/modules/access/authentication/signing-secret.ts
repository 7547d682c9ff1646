import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '#platform/kernel';
import { DataSource } from 'typeorm';

const keepFirst = `
  insert into signing_keys (purpose, secret, created_at)
  values ($1, $2, $3)
  on conflict (purpose) do nothing
`;
const readSecret = `
  select secret from signing_keys where purpose = $1
`;

/** The random key under which all servers of one database sign tickets; made by the first that needs it. */
@Injectable()
export class SigningSecret {
  private secret: Promise<KeyObject> | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async get(): Promise<KeyObject> {
    this.secret ??= this.load();
    try {
      return await this.secret;
    } catch (error) {
      this.secret = undefined;
      throw error;
    }
  }

  private async load(): Promise<KeyObject> {
    await this.database.query(keepFirst, ['tickets', randomBytes(32), new Date(this.clock.now())]);
    const [row] = await this.database.query<{ secret: Buffer }[]>(readSecret, ['tickets']);
    return createSecretKey(row!.secret);
  }
}
