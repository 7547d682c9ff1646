import { once } from 'node:events';
import { Cluster, Redis, ReplyError } from 'ioredis';
import { type ClusterNode, clusterNodeSchema } from './cluster-node.ts';
import { NodeRegistry } from './node-registry.ts';

/**
 * One hash, so that it is read by one command. An installation's keys begin with its name, so that several can share a Redis;
 * in braces, so that all of them lie in one slot of a Redis Cluster.
 */
export const nodesKey = (installation: string): string => `testcast:{${installation}}:nodes`;
/** A cluster that was given up leaves nothing behind. */
const keepSeconds = 3600;
/** A registry that does not answer within a beat is away. */
const commandTimeoutMs = 2000;
/** More would be no cluster of ours. */
const maxNodes = 1000;

const timing = { commandTimeout: commandTimeoutMs, connectTimeout: commandTimeoutMs, maxRetriesPerRequest: 1 } as const;
/** What was to be told during an outage is no longer true after it. */
const offline = { enableOfflineQueue: false } as const;
const retryDelay = (attempt: number) => Math.min(attempt * 200, 2000);

/** The registry in Redis, or in a Redis Cluster. */
export class RedisNodeRegistry extends NodeRegistry {
  private redis: Redis | Cluster;
  /** Until a single URL has told whether it is one of a cluster, as the one address of a hosted cluster is. */
  private isUnsure: boolean;
  private readonly key: string;

  /**
   * @param installation whose nodes these are; those of others are not seen
   * @param urls of a single Redis (`redis://…` or `rediss://…`), or of one or some nodes of a cluster, which tell of the others
   */
  constructor(
    installation: string,
    private readonly urls: readonly string[],
  ) {
    super();
    this.key = nodesKey(installation);
    const [first] = urls;
    if (first === undefined) throw new Error('A registry in Redis needs the URL of one.');
    this.isUnsure = urls.length === 1;
    this.redis = quiet(this.isUnsure ? singleRedis(first) : redisCluster(urls));
  }

  async publish(node: ClusterNode): Promise<void> {
    const redis = await this.ready();
    await redis.hset(this.key, node.serverId, JSON.stringify(node));
    await redis.expire(this.key, keepSeconds);
  }

  async read(): Promise<ClusterNode[]> {
    const redis = await this.ready();
    const fields = await redis.hgetall(this.key);
    return Object.values(fields).slice(0, maxNodes).flatMap(nodeOf);
  }

  async remove(serverId: string): Promise<void> {
    const redis = await this.ready();
    await redis.hdel(this.key, serverId);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  /** Rejects when there is no connection within a command's time. */
  private async ready(): Promise<Redis | Cluster> {
    const { redis } = this;
    if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(commandTimeoutMs) });
    if (!this.isUnsure || this.redis !== redis) return this.redis;
    const isCluster = await speaksForCluster(redis);
    // Somebody else may have asked meanwhile, and changed it.
    if (this.redis !== redis) return this.ready();
    this.isUnsure = false;
    if (!isCluster) return redis;
    this.redis = quiet(redisCluster(this.urls));
    redis.disconnect();
    return this.ready();
  }
}

/** Commands tell whoever gave them; an error that nobody listens to would end the process. */
function quiet<R extends Redis | Cluster>(redis: R): R {
  redis.on('error', () => undefined);
  return redis;
}

/** Where it may not be asked, it is what it was said to be: a single one. */
async function speaksForCluster(redis: Redis | Cluster): Promise<boolean> {
  try {
    return (await redis.info('cluster')).includes('cluster_enabled:1');
  } catch (error) {
    if (error instanceof ReplyError) return false;
    throw error;
  }
}

function singleRedis(url: string): Redis {
  return new Redis(url, { ...timing, ...offline, retryStrategy: retryDelay });
}

function redisCluster(urls: readonly string[]): Cluster {
  const parsed = urls.map((url) => new URL(url));
  const { username, password, protocol } = parsed[0]!;
  return new Cluster(
    parsed.map(({ hostname, port }) => ({ host: hostname, port: port === '' ? 6379 : Number(port) })),
    {
      ...offline,
      clusterRetryStrategy: retryDelay,
      // Certificates are for names: nodes are called by what they are announced as, not by the addresses of these.
      ...(protocol === 'rediss:' ? { dnsLookup: (address, found) => found(null, address) } : {}),
      redisOptions: {
        ...timing,
        ...(username === '' ? {} : { username: decodeURIComponent(username) }),
        ...(password === '' ? {} : { password: decodeURIComponent(password) }),
        ...(protocol === 'rediss:' ? { tls: {} } : {}),
      },
    },
  );
}

/** Written by another version perhaps, or by nobody of ours: what makes no sense is no node. */
function nodeOf(text: string): ClusterNode[] {
  try {
    const { success, data } = clusterNodeSchema.safeParse(JSON.parse(text));
    return success ? [data] : [];
  } catch {
    return [];
  }
}
