import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProtocolServer, refused } from '../../client/src/fixtures/protocol-server.ts';
import { BuiltCli, type Ran } from './fixtures/built-cli.ts';
import { counts } from './fixtures/uploads.ts';

const cli = new BuiltCli();
beforeAll(() => cli.build(), 30_000);
afterAll(() => cli.remove());

const room = 'run:shop/r1';
let server: ProtocolServer;
beforeEach(async () => {
  server = await ProtocolServer.start();
  server.routes.set('GET /v1/projects/shop/runs/r1', () => ({ status: 200, body: {} }));
});
afterEach(() => server.stop());

function watch(): Promise<Ran> {
  const env = { TESTCAST_URL: server.url, TESTCAST_TOKEN: 'tc_1', TESTCAST_PROJECT: 'shop' };
  return cli.run(['watch', 'r1'], { cwd: tmpdir(), env });
}

/** Once somebody watches, a test fails and the run ends. */
function failWhenWatched(): void {
  const test = { testKey: 'k', testId: 'cart adds', variant: 'firefox', shardId: '', rerun: 1, attempt: 2 };
  const data = { ...test, status: 'failed', durationMs: 12, error: { message: 'expected 2\nto be 3' } };
  server.onMessage = ({ type, data: asked }) => {
    if (type === 'room.subscribe' && (asked as { room: string }).room === room) {
      setImmediate(() => {
        server.append(room, { type: 'test.finished', data });
        server.set('run-summary:shop/r1', { key: 'r1', version: 1, value: { status: 'failed', counts, version: 1 } });
      });
    }
    return 'default';
  };
}

describe('testcast watch', () => {
  it('says that it waits, prints results as they arrive and ends with the run', async () => {
    server.routes.set('GET /v1/projects/shop/runs/r1', () => refused(404, 'run.unknown'));
    failWhenWatched();
    expect(await watch()).toEqual({
      exitCode: 1,
      stdout:
        '✕ cart adds [firefox, attempt 2] (12 ms)\n    expected 2\n' +
        'failed: 4 tests, 3 passed, 1 failed, 0 flaky, 0 skipped, 0 pending\n',
      stderr: 'waiting for run r1 of project shop to begin (Ctrl-C ends it)\n',
    });
  });

  it('says once that the server is away, and once that it is back', async () => {
    let failures = 4;
    server.routes.set('POST /v1/connect', () =>
      failures-- > 0
        ? refused(503, 'store.unavailable', true)
        : { status: 200, body: { serverId: 's1', url: server.streamUrl, ticket: 't' } },
    );
    failWhenWatched();
    const { exitCode, stderr } = await watch();
    expect(exitCode).toBe(1);
    expect(failures).toBeLessThan(0);
    expect(stderr).toMatch(/^waiting for the server: .+\nthe server is back after [\d.]+ s.*\n$/);
  });
});
