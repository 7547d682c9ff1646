import { randomUUID } from 'node:crypto';
import type { Needs, TestCaller } from './callers.ts';
import { isAllowed } from './callers.ts';
import type { GatewayUnderTest } from './gateway-under-test.ts';

/** One call of a route, made anew for each caller, so that no call finds what another has left. */
export interface RouteCall {
  readonly url: string;
  readonly body?: unknown;
}

export interface RouteRow {
  readonly route: string;
  readonly needs: Needs;
  /** Status of the answer to who is allowed. */
  readonly status: number;
  readonly call: (gateway: GatewayUnderTest) => RouteCall | Promise<RouteCall>;
  /** Of an answer that depends on who asks: whether it shows the project `shop`. */
  readonly showsShop?: ((body: unknown) => boolean) | undefined;
  /** For who the answer may show it. */
  readonly shopIsFor?: Needs | undefined;
}

const project = '/v1/projects/:projectId';
const run = `${project}/runs/:runId`;
const fresh =
  (suffix = '', body?: unknown) =>
  (): RouteCall => ({ url: `/v1/projects/shop/runs/${randomUUID()}${suffix}`, body });
const existing =
  (suffix: string, body?: unknown) =>
  async (gateway: GatewayUnderTest): Promise<RouteCall> => {
    return { url: `/v1/projects/shop/runs/${await gateway.newRun()}${suffix}`, body };
  };
/** A run with one test whose row is there. */
export const seenRun = { runId: 'seen', testId: 'a::b' };
const seen =
  (suffix = '') =>
  (): RouteCall => ({ url: `/v1/projects/shop/runs/${seenRun.runId}${suffix}` });
const at = (url: string, body?: unknown) => (): RouteCall => ({ url, body });
const passed = { kind: 'test.finished', at: 1, testId: 'a', status: 'passed', durationMs: 1 };
const junit = '<testsuite name="s"><testcase name="t" time="0.1"/></testsuite>';
const includesShop = (body: unknown): boolean => JSON.stringify(body).includes('"shop"');

/** @param testKey of the test of the seen run */
export function routeTable(testKey: string): RouteRow[] {
  return [
    // Callers come through a proxy here: to those there is no such route.
    { route: 'GET /metrics', needs: 'nothing', status: 404, call: at('/metrics') },
    { route: 'GET /health/live', needs: 'nothing', status: 200, call: at('/health/live') },
    { route: 'GET /health/ready', needs: 'nothing', status: 200, call: at('/health/ready') },
    { route: 'POST /v1/connect', needs: 'credentials', status: 200, call: at('/v1/connect', {}) },
    { route: 'GET /v1/session', needs: 'credentials', status: 200, call: at('/v1/session') },
    { route: 'POST /v1/sign-out', needs: 'credentials', status: 204, call: at('/v1/sign-out') },
    {
      route: 'POST /v1/sign-in',
      needs: 'nothing',
      status: 200,
      call: async (gateway) => ({ url: '/v1/sign-in', body: { code: await codeOf(gateway) } }),
    },
    {
      route: 'POST /v1/sign-in-links',
      needs: 'admin',
      status: 201,
      call: at('/v1/sign-in-links', { grants: { shop: 'read' } }),
    },
    {
      route: 'POST /v1/keys',
      needs: 'admin',
      status: 201,
      call: at('/v1/keys', { name: 'k', grants: { shop: 'read' } }),
    },
    {
      route: 'GET /v1/keys',
      needs: 'credentials',
      status: 200,
      call: at('/v1/keys'),
      showsShop: includesShop,
      shopIsFor: 'admin',
    },
    {
      route: 'DELETE /v1/keys/:id',
      needs: 'admin',
      status: 204,
      call: async (gateway) => ({ url: `/v1/keys/${(await gateway.newKey({ shop: 'read' })).id}` }),
    },
    { route: 'POST /v1/projects', needs: 'admin', status: 409, call: at('/v1/projects', { projectId: 'shop' }) },
    {
      route: `PATCH ${project}`,
      needs: 'admin',
      status: 200,
      call: at('/v1/projects/shop', { retentionDays: null }),
    },
    {
      route: 'GET /v1/projects',
      needs: 'credentials',
      status: 200,
      call: at('/v1/projects'),
      showsShop: includesShop,
      shopIsFor: 'read',
    },
    { route: `GET ${project}/runs`, needs: 'read', status: 200, call: at('/v1/projects/shop/runs') },
    { route: `GET ${project}/trends`, needs: 'read', status: 200, call: at('/v1/projects/shop/trends') },
    { route: 'GET /v1/admin/partitions', needs: 'everything', status: 200, call: at('/v1/admin/partitions') },
    {
      route: 'POST /v1/admin/partitions/:partition/split',
      needs: 'everything',
      // Nothing is split while others count on it.
      status: 400,
      call: at('/v1/admin/partitions/none/split', {}),
    },
    {
      route: 'POST /v1/admin/partitions/rebalance',
      needs: 'everything',
      status: 202,
      call: at('/v1/admin/partitions/rebalance', {}),
    },
    { route: 'GET /v1/admin/cluster', needs: 'everything', status: 200, call: at('/v1/admin/cluster') },
    {
      route: 'POST /v1/admin/cluster/rebalance',
      needs: 'everything',
      status: 202,
      call: at('/v1/admin/cluster/rebalance', {}),
    },
    {
      route: 'POST /v1/admin/cluster/servers/:serverId/drain',
      needs: 'everything',
      // Nobody is drained while others count on it.
      status: 404,
      call: at('/v1/admin/cluster/servers/none/drain', {}),
    },
    {
      route: 'POST /v1/admin/cluster/servers/:serverId/undrain',
      needs: 'everything',
      status: 200,
      call: at('/v1/admin/cluster/servers/none/undrain', {}),
    },
    {
      route: 'POST /v1/admin/cluster/alerts',
      needs: 'everything',
      status: 202,
      call: at('/v1/admin/cluster/alerts', { version: '4', alerts: [] }),
    },
    {
      route: 'GET /v1/admin/cluster/responses',
      needs: 'everything',
      status: 200,
      call: at('/v1/admin/cluster/responses'),
    },
    { route: 'GET /v1/admin/parked', needs: 'everything', status: 200, call: at('/v1/admin/parked') },
    {
      route: 'POST /v1/admin/parked/replay',
      needs: 'everything',
      status: 200,
      call: at('/v1/admin/parked/replay', { stream: 'run:shop/none' }),
    },
    {
      route: 'POST /v1/admin/parked/discard',
      needs: 'everything',
      status: 200,
      call: at('/v1/admin/parked/discard', { stream: 'run:shop/none' }),
    },
    { route: `PUT ${run}`, needs: 'write', status: 201, call: fresh('', {}) },
    { route: `GET ${run}`, needs: 'read', status: 200, call: seen() },
    { route: `POST ${run}/results`, needs: 'write', status: 200, call: fresh('/results', [passed]) },
    { route: `POST ${run}/reports`, needs: 'write', status: 200, call: fresh('/reports', junit) },
    { route: `POST ${run}/finish`, needs: 'write', status: 200, call: existing('/finish', {}) },
    { route: `POST ${run}/cancel`, needs: 'write', status: 200, call: existing('/cancel') },
    { route: `GET ${run}/tests`, needs: 'read', status: 200, call: seen('/tests') },
    { route: `GET ${run}/tests/:testKey`, needs: 'read', status: 200, call: seen(`/tests/${testKey}`) },
    { route: `GET ${run}/tests/:testKey/output`, needs: 'read', status: 200, call: seen(`/tests/${testKey}/output`) },
  ];
}

async function codeOf(gateway: GatewayUnderTest): Promise<string> {
  const { url } = await gateway.asAdmin<{ url: string }>('POST', '/v1/sign-in-links', { grants: { shop: 'read' } });
  return url.split('#code=')[1]!;
}

/** Whether the answer shows what it should to this caller; true where it is the same for all. */
export function showsWhatItMay({ showsShop, shopIsFor }: RouteRow, caller: TestCaller, body: unknown): boolean {
  return showsShop === undefined || showsShop(body) === isAllowed(caller, shopIsFor!);
}
