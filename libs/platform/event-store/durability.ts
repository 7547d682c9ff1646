import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** As sessions of this process have them, so also what a role or the database was given. */
const readWhatIsOff = `
  select name from pg_settings
  where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`;

/**
 * Says at the start of a process when the server does not keep what it has answered for: an event is acknowledged by its
 * commit, and with one of these off that is no promise. It does not refuse to start, since throwaway servers of tests are set
 * up like that on purpose; the server that `npm start` brings is not.
 */
@Injectable()
export class Durability implements OnApplicationBootstrap {
  private readonly logger = new Logger('EventStore');

  constructor(private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    const rows = await this.dataSource.query<{ name: string }[]>(readWhatIsOff);
    if (rows.length === 0) return;
    const what = rows.map(({ name }) => `${name} = off`).join(', ');
    this.logger.warn(`THE DATABASE RUNS WITH ${what}: a crash of its machine may lose results that were acknowledged`);
  }
}
