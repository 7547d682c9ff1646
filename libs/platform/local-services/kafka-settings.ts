/** Starts in about two seconds and takes about 200 MB. */
export const javaFlags = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
  '-Djava.net.preferIPv4Stack=true',
  '-Dlog4j.shutdownHookEnabled=false',
];

export const loggingProperties = `status = WARN
appender.stdout.type = Console
appender.stdout.name = STDOUT
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = WARN
rootLogger.appenderRef.stdout.ref = STDOUT
`;

export interface BrokerPlace {
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** A node that is broker and controller, the one at `index` of a cluster. */
export function brokerProperties(cluster: readonly BrokerPlace[], index: number): string {
  const { directory, port, controllerPort } = cluster[index]!;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    'controller.quorum.voters': cluster.map((node, n) => `${n + 1}@127.0.0.1:${node.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': `${directory}/data`,
    'auto.create.topics.enable': false,
    // Of the brokers' own topics as many copies as there are brokers: they ask for three.
    'offsets.topic.replication.factor': cluster.length,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': cluster.length,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': cluster.length,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // The cleaner takes 128 MiB of the heap at the start.
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    'log.cleaner.threads': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    // Each commit of offsets would wait 5 ms (the default of 4.1).
    'group.coordinator.append.linger.ms': 0,
    // One that was killed may come back only when its old session is over, which takes 9 seconds by default.
    'broker.session.timeout.ms': 1_500,
    'broker.heartbeat.interval.ms': 300,
    'controller.quorum.election.timeout.ms': 300,
    'controller.quorum.fetch.timeout.ms': 600,
    'controller.quorum.election.backoff.max.ms': 200,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
