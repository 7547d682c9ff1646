import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createGateway } from '#apps/gateway/bootstrap';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { type RunningProjector, startProjector } from '#apps/projector/bootstrap';
import { EventStore } from '#platform/event-store';
import { notifies, PostgresCommitHint } from '#platform/messaging';
import { DataSource } from 'typeorm';
import { type Grants, jwtSecret, type TestCaller, testCallers } from './callers.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Gateway and projector as they are composed for production, in this process. */
export class GatewayUnderTest {
  private calls = 0;
  private constructor(
    readonly app: NestExpressApplication,
    readonly origin: string,
    readonly adminKey: string,
    readonly projector: RunningProjector,
    private readonly directory: string,
  ) {}

  static async start(databaseUrl: string, settings: NodeJS.ProcessEnv = {}): Promise<GatewayUnderTest> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-access-'));
    const config = readGatewayConfig({
      DATABASE_URL: databaseUrl,
      DATA_DIR: directory,
      PORT: '0',
      JWT_SECRET: jwtSecret,
      TRUSTED_PROXIES: 'loopback',
      ...settings,
    });
    const app = await createGateway(config, { logger: false });
    await app.listen(0, '127.0.0.1');
    const projector = await startProjector(
      { databaseUrl, host: '127.0.0.1', metricsPort: 0, logLevel: 'fatal' },
      {
        logger: false,
        hint: new PostgresCommitHint(databaseUrl),
        sendHint: (projector) => notifies(projector.get(DataSource)),
      },
    );
    const key = (await readFile(path.join(directory, 'admin.key'), 'utf8')).trim();
    return new GatewayUnderTest(app, await app.getUrl(), key, projector, directory);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.projector.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async call(method: string, url: string, token?: string, body?: unknown): Promise<Answer> {
    this.calls += 1;
    const response = await fetch(this.origin + url, {
      method,
      headers: {
        // Each call from another address, else the limit of sign-ins would be met first.
        'x-forwarded-for': `203.0.${this.calls >> 8}.${this.calls & 255}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': typeof body === 'string' ? 'application/xml' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  }

  /** As the first admin; throws unless it succeeds. */
  async asAdmin<T>(method: string, url: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, url, this.adminKey, body);
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  async newRun(projectId = 'shop'): Promise<string> {
    const runId = randomUUID();
    await this.asAdmin('PUT', `/v1/projects/${projectId}/runs/${runId}`, {});
    return runId;
  }

  /** How many events the log has. */
  async logLength(): Promise<number> {
    const { positions } = await this.app.get(EventStore).heads();
    return positions.reduce((sum, position) => sum + position, 0);
  }

  callers(): Promise<TestCaller[]> {
    const makeKey = async (grants: Grants) => (await this.newKey(grants)).key;
    const database = this.app.get(DataSource);
    const spoil = (column: string) => async (key: string) => {
      const set = `update api_keys set ${column} = now() - interval '1 minute' where key_hash = sha256($1::bytea)`;
      await database.query(set, [Buffer.from(key)]);
    };
    return testCallers({ makeKey, expire: spoil('expires_at'), revoke: spoil('revoked_at') });
  }

  newKey(grants: Grants): Promise<{ id: string; key: string }> {
    return this.asAdmin('POST', '/v1/keys', { name: 'of a test', grants });
  }

  /** `METHOD /path/:parameter` of every route that the HTTP server has. */
  routes(): string[] {
    const { router } = this.app.getHttpAdapter().getInstance() as unknown as ExpressApplication;
    return router.stack.flatMap(({ route }) =>
      route === undefined ? [] : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
    );
  }
}

interface ExpressApplication {
  readonly router: {
    readonly stack: readonly {
      readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
    }[];
  };
}
