import type { ProductCluster } from './product-cluster.ts';

/** Something that happens to a cluster under its clients. */
export interface Fault {
  readonly name: string;
  /** Whether this cluster has what the fault needs. */
  applies(cluster: ProductCluster): boolean;
  /** Clients who have to come back, at least. */
  leavers(cluster: ProductCluster): Promise<number>;
  happen(cluster: ProductCluster): Promise<void>;
  /** Puts the cluster back into the state of before. */
  repair(cluster: ProductCluster): Promise<void>;
  /** While a client moves both its connections may deliver, and it drops what it has: such frames are no repeats to it. */
  readonly moves?: boolean;
  /** Seconds within which everybody has to be back. */
  readonly within: number;
}

const always = (): boolean => true;
const nobody = async (): Promise<number> => 0;
const nothing = async (): Promise<void> => undefined;
const atGateway = (index: number) => async (cluster: ProductCluster) => (await cluster.connections())[index]!;

const gatewayKilled: Fault = {
  name: 'a gateway is killed',
  applies: always,
  leavers: atGateway(2),
  happen: (cluster) => cluster.gateways[2]!.app.kill(),
  repair: (cluster) => cluster.gateways[2]!.app.start(),
  within: 5,
};

const gatewayDrained: Fault = {
  name: 'a gateway is drained',
  moves: true,
  applies: always,
  leavers: atGateway(1),
  async happen(cluster) {
    await cluster.tellBalancers(1, 'drain');
    await cluster.gateways[1]!.app.kill('SIGTERM');
  },
  async repair(cluster) {
    await cluster.gateways[1]!.app.start();
    await cluster.tellBalancers(1, 'ready');
  },
  within: 30,
};

const redisMasterKilled: Fault = {
  name: 'a Redis master is killed',
  applies: ({ services }) => services.redis !== undefined,
  leavers: nobody,
  happen: ({ services }) => services.redis!.killMasterOf('testcast'),
  repair: ({ services }) => services.redis!.startAgain(),
  within: 1,
};

const redisGone: Fault = {
  name: 'all of Redis is killed',
  applies: ({ services }) => services.redis !== undefined,
  leavers: nobody,
  happen: ({ services }) => services.redis!.killAll(),
  repair: ({ services }) => services.redis!.startAgain(),
  within: 1,
};

const kafkaBrokerKilled: Fault = {
  name: 'a Kafka broker is killed',
  applies: ({ services }) => services.kafka.length > 0,
  leavers: nobody,
  happen: ({ services }) => services.kafka[0]!.kill(),
  repair: ({ services }) => services.kafka[0]!.startAgain(),
  within: 1,
};

const primaryRestarted: Fault = {
  name: 'PostgreSQL is restarted',
  applies: ({ services }) => services.restartsPrimary,
  leavers: nobody,
  happen: ({ services }) => services.restartPrimary(),
  repair: nothing,
  within: 10,
};

const balancerKilled: Fault = {
  name: 'the active HAProxy is killed',
  applies: ({ balancers }) => balancers.length > 0,
  // All who are with it, at once; how many that is, its sessions do not say: checks and reporters have some, too.
  leavers: () => Promise.resolve(1),
  happen: ({ balancers }) => balancers[0]!.kill(),
  repair: ({ balancers }) => balancers[0]!.startAgain(),
  // Nearly all 9,500 at once, on the cores of the servers: six seconds where nothing else runs, and twice as long beside other work.
  within: 15,
};

/** In the order in which they happen. The balancer is the last: its clients stay with the other one. */
export const faults: readonly Fault[] = [
  gatewayKilled,
  gatewayDrained,
  redisMasterKilled,
  redisGone,
  kafkaBrokerKilled,
  primaryRestarted,
  balancerKilled,
];
