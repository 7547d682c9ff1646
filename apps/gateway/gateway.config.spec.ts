import { describe, expect, it } from 'vitest';
import { ConfigurationError } from './environment.ts';
import { readGatewayConfig } from './gateway.config.ts';

const database = { DATABASE_URL: 'postgres://u:p@db:5432/testcast' };

function problemsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readGatewayConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('settings of a gateway', () => {
  it('need nothing but a database', () => {
    const config = readGatewayConfig(database);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      maxConnections: 2500,
      region: 'local',
      trustedProxies: [],
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('that are empty count as not set', () => {
    expect(readGatewayConfig({ ...database, PORT: ' ', JWT_SECRET: '', TRUSTED_PROXIES: '' })).toMatchObject({
      port: 4000,
      jwtSecret: undefined,
    });
  });

  it('lists are separated by commas', () => {
    expect(readGatewayConfig({ ...database, TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,' }).trustedProxies).toEqual([
      'loopback',
      '10.0.0.0/8',
    ]);
    expect(readGatewayConfig({ ...database, KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092' }).kafkaBrokers).toEqual([
      'kafka-1:9092',
      'kafka-2:9092',
    ]);
  });

  it('keep an admin key only where DATA_DIR says so', () => {
    expect(readGatewayConfig(database).adminKeyFile).toBeUndefined();
    expect(readGatewayConfig({ ...database, DATA_DIR: '/data' }).adminKeyFile).toBe('/data/admin.key');
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '4000x'],
    ['METRICS_PORT', 'none'],
    ['PUBLIC_URL', 'my.host'],
    ['PUBLIC_URL', 'ftp://tests.example.com'],
    ['PUBLIC_STREAM_URL', 'https://tests.example.com/stream'],
    ['DATABASE_URL', 'mysql://db'],
    ['MAX_CONNECTIONS', '-7'],
    ['STREAM_ENGINE', 'sockjs'],
    ['STREAM_PORT', '70000'],
    ['JWT_SECRET', 'too short'],
    ['TRUSTED_PROXIES', 'everyone!'],
    ['PROXY_PROTOCOL', 'v2'],
    ['ALLOWED_ORIGINS', 'my.host'],
    ['KAFKA_BROKERS', 'kafka-one'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is a problem that is named, without the value', (name, value) => {
    const problems = problemsOf({ ...database, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}\\b.* must `));
    expect(problems[0]).not.toContain(value);
  });

  it('let nobody speak for others who is not named', () => {
    const [problem] = problemsOf({ ...database, PROXY_PROTOCOL: 'required' });
    expect(problem).toMatch(/^TRUSTED_PROXIES must be set/);
    const settings = { ...database, PROXY_PROTOCOL: 'required', TRUSTED_PROXIES: '10.0.0.0/8' };
    expect(readGatewayConfig(settings).proxyProtocol).toBe('required');
  });

  it('are all named at once', () => {
    const problems = problemsOf({ PORT: 'x', MAX_CONNECTIONS: '-1', JWT_SECRET: 'short' });
    expect(problems.map((problem) => problem.split(/[ .]/)[0])).toEqual(
      expect.arrayContaining(['PORT', 'MAX_CONNECTIONS', 'JWT_SECRET']),
    );
  });
});
