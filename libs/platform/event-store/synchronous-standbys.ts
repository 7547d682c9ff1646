import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface Row {
  readonly names: string;
  readonly commit: string;
}

/**
 * Says at the start of a process of a cluster when a fail-over may lose what was acknowledged. It does not refuse to start:
 * an operator who lets a primary go on alone, with its standbys away, needs gateways that come up.
 */
@Injectable()
export class SynchronousStandbys implements OnApplicationBootstrap {
  private readonly logger = new Logger('EventStore');

  constructor(private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    const [row] = await this.dataSource.query<[Row]>(
      `select current_setting('synchronous_standby_names') as names, current_setting('synchronous_commit') as commit`,
    );
    if (row.names !== '' && ['on', 'remote_apply'].includes(row.commit)) return;
    const what = row.names === '' ? 'synchronous_standby_names is empty' : `synchronous_commit is ${row.commit}`;
    this.logger.warn(`THE DATABASE HAS REPLICAS, BUT ${what}: a fail-over may lose events that were acknowledged`);
  }
}
