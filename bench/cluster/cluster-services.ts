import { appendFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { hasRedis, KafkaBroker, kafkaClassPath, RedisCluster } from '#platform/local-services';
import { type PostgresServer, PostgresSite } from '../../test/chaos/support/postgres-server.ts';
import { serverPrograms } from '../../test/chaos/support/server-programs.ts';
import type { ClusterLogs } from './cluster-logs.ts';

export interface ServicesWanted {
  readonly directory: string;
  readonly kafka: boolean;
  readonly say: (line: string) => void;
  readonly logs?: ClusterLogs | undefined;
}

/** What gateways and projectors share: PostgreSQL with a replica, Kafka, Redis; each where its programs are. */
export class ClusterServices {
  private site: PostgresSite | undefined;
  private primary: PostgresServer | undefined;
  private standby: PostgresServer | undefined;
  private alone: LocalPostgres | undefined;
  redis: RedisCluster | undefined;
  kafka: readonly KafkaBroker[] = [];

  private constructor(private readonly logs: ClusterLogs | undefined) {}

  static async start(wanted: ServicesWanted): Promise<ClusterServices> {
    const { logs } = wanted;
    const services = new ClusterServices(logs);
    try {
      wanted.say('starting PostgreSQL');
      await services.startPostgres(path.join(wanted.directory, 'postgres'));
      wanted.say('starting Redis');
      services.redis = hasRedis()
        ? await RedisCluster.start(logs && ((node) => logs.fileOf(`Redis ${node + 1}`)))
        : undefined;
      const classPath = wanted.kafka ? kafkaClassPath() : undefined;
      if (classPath !== undefined) wanted.say('starting Kafka');
      if (classPath !== undefined)
        services.kafka = await KafkaBroker.startCluster(
          classPath,
          3,
          logs && ((broker) => logs.fileOf(`Kafka ${broker + 1}`)),
        );
      return services;
    } catch (error) {
      await services.stop();
      throw error;
    }
  }

  /** Settings of gateways and projectors. */
  get settings(): Record<string, string> {
    return {
      DATABASE_URL: this.primary?.url() ?? this.alone!.url,
      ...(this.standby === undefined ? {} : { DATABASE_REPLICA_URLS: this.standby.readerUrl() }),
      ...(this.redis === undefined ? {} : { REDIS_URL: this.redis.urls.join(',') }),
      ...(this.kafka.length === 0 ? {} : { KAFKA_BROKERS: this.kafka.map(({ address }) => address).join(',') }),
    };
  }

  /** Process ids by name. */
  get processes(): Record<string, number | undefined> {
    return {
      'PostgreSQL primary': this.primary?.pid ?? this.alone?.pid,
      ...(this.standby === undefined ? {} : { 'PostgreSQL replica': this.standby.pid }),
      ...Object.fromEntries((this.redis?.pids ?? []).map((pid, index) => [`Redis ${index + 1}`, pid])),
      ...Object.fromEntries(this.kafka.map(({ pid }, index) => [`Kafka ${index + 1}`, pid])),
    };
  }

  /** Stops the primary at once, as an upgrade of it does, and starts it on the same data and port. */
  async restartPrimary(): Promise<void> {
    const { site, primary } = this;
    if (site === undefined || primary === undefined)
      throw new Error('PostgreSQL is restarted only where it has a replica');
    await primary.stop();
    this.primary = await site.start(primary.data, primary.port);
  }

  get restartsPrimary(): boolean {
    return this.site !== undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([this.redis?.stop(), ...this.kafka.map((broker) => broker.stop())]);
    await this.standby?.stop();
    await this.primary?.stop();
    await this.alone?.stop();
  }

  private async startPostgres(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    const { logs } = this;
    const programs = serverPrograms();
    if (programs === undefined) {
      await chmod(directory, 0o755);
      this.alone = await startLocalPostgres({
        dataDir: path.join(directory, 'alone'),
        onLog: (line) => logs && appendFileSync(logs.fileOf('PostgreSQL primary'), `${line}\n`),
      });
      return;
    }
    this.site = await PostgresSite.at(
      programs,
      directory,
      logs && ((server) => logs.fileOf(`PostgreSQL ${server === 'primary' ? 'primary' : 'replica'}`)),
    );
    this.primary = await this.site.primary();
    this.standby = await this.site.standby(this.primary.port, 'standby1');
  }
}
