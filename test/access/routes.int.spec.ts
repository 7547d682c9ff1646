import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, eventually } from '#platform/testing';
import { isAllowed, refusalOf, type TestCaller } from './support/callers.ts';
import { GatewayUnderTest } from './support/gateway-under-test.ts';
import { type RouteRow, routeTable, seenRun, showsWhatItMay } from './support/route-table.ts';

let gateway: GatewayUnderTest;
let callers: TestCaller[];
let table: RouteRow[];
beforeAll(async () => {
  gateway = await GatewayUnderTest.start(await createDatabase());
  await gateway.asAdmin('POST', '/v1/projects', { projectId: 'shop' });
  callers = await gateway.callers();
  const run = `/v1/projects/shop/runs/${seenRun.runId}`;
  const test = { kind: 'test.finished', at: 1, testId: seenRun.testId, status: 'passed', durationMs: 1 };
  await gateway.asAdmin('POST', `${run}/results`, [test]);
  const testKey = await eventually(async () => {
    const { items } = await gateway.asAdmin<{ items: { testKey: string }[] }>('GET', `${run}/tests`);
    return items[0]!.testKey;
  });
  table = routeTable(testKey);
});
afterAll(() => gateway?.stop());

it('every route of the server stands in the table, and no other', () => {
  expect(table.map(({ route }) => route).sort()).toEqual(gateway.routes().sort());
});

interface Outcome {
  readonly who: string;
  /** Status, and the code of the error where there is one. */
  readonly answer: readonly unknown[];
  readonly showsWhatItMay: boolean;
  readonly changesLog: boolean | 'perhaps';
}

async function outcomeOf(row: RouteRow, caller: TestCaller): Promise<Outcome> {
  const { url, body } = await row.call(gateway);
  const before = await gateway.logLength();
  const { status, body: reply } = await gateway.call(row.route.split(' ')[0]!, url, caller.token, body);
  const isRefused = status === 401 || status === 403;
  return {
    who: caller.who,
    answer: isRefused ? [status, codeOf(reply)] : [status],
    showsWhatItMay: isRefused || showsWhatItMay(row, caller, reply),
    changesLog: isRefused ? (await gateway.logLength()) !== before : 'perhaps',
  };
}

function expectedOf({ needs, status }: RouteRow, caller: TestCaller): Outcome {
  const { who } = caller;
  if (isAllowed(caller, needs)) return { who, answer: [status], showsWhatItMay: true, changesLog: 'perhaps' };
  const refusal = refusalOf(caller);
  return { who, answer: [refusal.status, refusal.code], showsWhatItMay: true, changesLog: false };
}

const codeOf = (body: unknown): unknown => (body as { error?: { code?: unknown } }).error?.code;

// The table holds a key that is known only once the server runs, so its rows are told apart by number here.
it.each(routeTable('').map(({ route, needs }, at) => [`${route} needs ${needs}`, at] as const))('%s', async (_, at) => {
  const row = table[at]!;
  const outcomes: Outcome[] = [];
  for (const caller of callers) outcomes.push(await outcomeOf(row, caller));
  expect(outcomes).toEqual(callers.map((caller) => expectedOf(row, caller)));
});
