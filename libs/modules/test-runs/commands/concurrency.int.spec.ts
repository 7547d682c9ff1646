import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ItemResult } from '@testcast/contracts';
import { createDatabase, eventually } from '#platform/testing';
import { RunningApp } from '../fixtures/running-app.ts';

let gateways: RunningApp[];
beforeAll(async () => {
  const url = await createDatabase();
  const first = await RunningApp.start(url);
  gateways = [first, await RunningApp.start(url, { projects: false })];
});
afterAll(async () => {
  for (const gateway of gateways ?? []) await gateway.stop();
});

const newRun = () => `projects/shop/runs/${randomUUID()}`;
const passed = (testId: string) => ({ kind: 'test.finished', at: 1, testId, status: 'passed', durationMs: 5 });
const any = (at: number): RunningApp => gateways[at % gateways.length]!;
async function report(gateway: RunningApp, run: string, items: unknown, query = ''): Promise<ItemResult[]> {
  const { status, body } = await gateway.call<{ results: ItemResult[] }>('POST', `${run}/results${query}`, items);
  expect(status).toBe(200);
  return body.results;
}
const eventsOf = (run: string) => any(0).log(`run:shop/${run.split('/')[3]!}`);

it('a run that forty shards begin at once through two gateways starts once and ends once', async () => {
  const run = newRun();
  const shards = Array.from({ length: 40 }, (_, at) => `s${at}`);
  await Promise.all(
    shards.map(async (shardId, at) => {
      await any(at).call('PUT', run, { branch: `b${at}`, tags: [shardId] });
      await report(
        any(at),
        run,
        [{ kind: 'shard.started', at: 1, shardId, total: 40 }, passed(`t${at}`)],
        `?shard=${shardId}`,
      );
      await report(
        any(at + 1),
        run,
        [passed(`u${at}`), { kind: 'shard.finished', at: 1, shardId }],
        `?shard=${shardId}`,
      );
    }),
  );
  const types = (await eventsOf(run)).map(([type]) => type);
  const count = (type: string) => types.filter((each) => each === type).length;
  expect([count('run.started'), count('run.described'), count('run.finished'), count('run.reopened')]).toEqual([
    1, 1, 1, 0,
  ]);
  expect([count('shard.started'), count('shard.finished'), count('test.finished')]).toEqual([40, 40, 80]);
  expect(types.at(-1)).toBe('run.finished');
  expect(await eventually(() => any(0).settledRun(run))).toMatchObject({
    status: 'passed',
    complete: true,
    counts: { tests: 80, passed: 80 },
  });
}, 60_000);

it('results that come first through both gateways at once begin one run', async () => {
  const run = newRun();
  await Promise.all(Array.from({ length: 20 }, (_, at) => report(any(at), run, [passed(`t${at}`)])));
  const events = await eventsOf(run);
  expect(events[0]).toEqual(['run.started', expect.objectContaining({ implicit: true })]);
  expect(events.map(([type]) => type).filter((type) => type !== 'test.finished')).toEqual(['run.started']);
  expect(events).toHaveLength(21);
});

it('of two senders that end a run in different words at once, one is told so', async () => {
  for (let round = 0; round < 10; round++) {
    const run = newRun();
    await any(0).call('PUT', run);
    const answers = await Promise.all([
      any(0).call<{ offset: number }>('POST', `${run}/finish`, { status: 'passed' }),
      any(1).call<{ offset: number }>('POST', `${run}/finish`, { status: 'failed' }),
      any(1).call<{ offset: number }>('POST', `${run}/cancel`),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    for (const { status, body } of answers) expect(status === 200 ? body.offset : body.error.details!.offset).toBe(2);
    expect(await eventsOf(run)).toHaveLength(2);
  }
});

it('a new rerun opens the run again once, whichever gateway hears of it first', async () => {
  const run = newRun();
  await report(any(0), run, [passed('a')]);
  await any(0).call('POST', `${run}/finish`);
  await Promise.all(Array.from({ length: 10 }, (_, at) => report(any(at), run, [passed(`b${at}`)], '?rerun=2')));
  const types = (await eventsOf(run)).map(([type]) => type);
  expect(types.filter((type) => type === 'run.reopened')).toHaveLength(1);
  expect(types.indexOf('run.reopened')).toBe(3);
});

it('late results of a rerun that took part do not open the run again, also through a gateway that never saw it', async () => {
  const run = newRun();
  await report(any(0), run, [passed('a')]);
  await report(any(0), run, [passed('a')], '?rerun=2');
  await any(0).call('POST', `${run}/finish`);
  await report(any(1), run, [passed('b')], '?rerun=2');
  expect((await eventsOf(run)).map(([type]) => type).join(' ')).toBe(
    'run.started test.finished rerun.started test.finished run.finished test.finished',
  );
});

it('a shard that two gateways hear of in different words is refused by one of them', async () => {
  const run = newRun();
  const [one, two] = await Promise.all(
    [3, 4].map((total, at) => report(any(at), run, [{ kind: 'shard.started', at: 1, shardId: 's', total }])),
  );
  expect(new Set([one![0]!.status, two![0]!.status])).toEqual(new Set(['appended', 'rejected']));
});
