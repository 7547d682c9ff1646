import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, hasRedis } from '#platform/testing';
import { ClusterStage } from './support/cluster-stage.ts';
import { hasControlPlane } from './support/control-plane.ts';
import type { Rehearsal } from './support/rehearsed-manifests.ts';
import { type Moment, pictureOf, tableOf } from './support/timeline.ts';
import { Traffic } from './support/traffic.ts';
import { Watchers } from './support/watchers.ts';

/** `fast`: windows of seconds; `exact`: those that were required. Unset, as in CI, nothing is rehearsed. */
const windows = process.env['REHEARSE_AUTOSCALING'];
const exact = windows === 'exact';
/** A hundredth of what is required: 2,000 and 2,500 a gateway. */
const rehearsal: Rehearsal = {
  minReplicas: 2,
  maxReplicas: 6,
  target: 20,
  capacity: 25,
  ...(exact ? {} : { up: 15, down: 30 }),
};
/** Each as many as the gateways that are there take, and more than the autoscaler wants them to have. */
const crowds = [
  { clients: 48, gateways: 3 },
  { clients: 70, gateways: 4 },
  { clients: 95, gateways: 5 },
  { clients: 118, gateways: 6 },
];
const stepWithin = { within: exact ? 240_000 : 150_000, every: 500 };
const downWithin = { within: exact ? 1_800_000 : 400_000, every: 500 };

describe.runIf(windows !== undefined)('gateways as pods of a real control plane, scaled by the real autoscaler', () => {
  const stage = new ClusterStage();
  const moments: Moment[] = [];
  let watchers: Watchers;
  let traffic: Traffic;
  let begin: number;
  let timer: NodeJS.Timeout;

  beforeAll(async () => {
    if (!hasControlPlane())
      throw new Error('no control plane: run scripts/fetch-kubernetes.sh (Go 1.26, about 10 minutes)');
    if (!hasRedis() || spawnSync('prometheus', ['--version']).status !== 0)
      throw new Error('no Redis or no Prometheus');
    await stage.start(rehearsal, exact ? undefined : 2);
    await eventually(() => expectGateways(2), { within: 180_000, every: 500 });
    await open();
    begin = performance.now();
    await note();
    timer = setInterval(() => void note(), 1000);
  }, 400_000);

  afterAll(async () => {
    clearInterval(timer);
    watchers?.close();
    await traffic?.stop();
    if (moments.length > 0) report();
    await stage.stop();
  }, 180_000);

  async function open(): Promise<void> {
    const { url, streamUrl, token } = stage;
    const run = '/v1/projects/shop/runs/rehearsal';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(url + run, { method: 'PUT', headers, body: '{}' });
    expect(response.ok).toBe(true);
    watchers = new Watchers({ url, streamUrl, token, room: 'run:shop/rehearsal' });
    traffic = new Traffic({ url, token, path: `${run}/results`, everyMs: 100 });
  }

  async function expectGateways(count: number): Promise<void> {
    expect(await stage.replicas()).toEqual({ wanted: count, ready: count });
    expect(stage.proxy.ready).toHaveLength(count);
  }

  async function note(): Promise<void> {
    const { wanted, ready } = await stage.replicas();
    const refused = await stage.refused();
    const moment = {
      seconds: Math.round((performance.now() - begin) / 1000),
      replicas: wanted,
      ready,
      clients: watchers.count,
      live: watchers.live,
      refused,
      missed: watchers.complaints.length,
    };
    moments.push(moment);
  }

  function report(): void {
    const told = moments.filter((moment, index) => {
      const before = moments[index - 1];
      return (
        before === undefined ||
        before.replicas !== moment.replicas ||
        before.ready !== moment.ready ||
        moment.seconds % 15 === 0
      );
    });
    console.log(tableOf(told));
    const page = process.env['REHEARSAL_PAGE'];
    if (page === undefined) return;
    writeFileSync(page.replace(/\.md$/, '.svg'), pictureOf(moments, rehearsal));
    const between = /(?<=<!-- table -->\n)[^]*(?=<!-- end -->)/;
    writeFileSync(page, readFileSync(page, 'utf8').replace(between, `\n${tableOf(told)}\n\n`));
  }

  it('are accepted as they are deployed, and not with a field that nobody knows', () => {
    const { plane } = stage;
    const dryRun = ['apply', '--server-side', '--dry-run=server', '-f', '-'];
    const base = plane.kubectl(['kustomize', 'deploy/kubernetes/base']);
    expect(plane.kubectl(dryRun, base)).toContain('horizontalpodautoscaler.autoscaling/gateway serverside-applied');
    expect(() => plane.kubectl(dryRun, base.replace('maxReplicas:', 'mostReplicas:'))).toThrow('mostReplicas');
  });

  it('come as more people watch, and nobody is refused', { timeout: 1_200_000 }, async () => {
    for (const { clients, gateways } of crowds) {
      await watchers.become(clients);
      await eventually(() => expect(watchers.live).toBe(clients), { within: 60_000 });
      await eventually(() => expectGateways(gateways), stepWithin).catch(async (error: unknown) => {
        console.log(await stage.autoscaler());
        throw error;
      });
    }
    expect(await stage.refused()).toBe(0);
    expect(watchers.complaints).toEqual([]);
  });

  it(
    'go when people leave, and move those who stay without a cut, a gap or a repeat',
    { timeout: 2_000_000 },
    async () => {
      await watchers.become(24);
      await eventually(() => expectGateways(2), downWithin).catch(async (error: unknown) => {
        console.log(await stage.autoscaler());
        throw error;
      });
      // Those that go drain after their hook, and are gone.
      await eventually(async () => {
        const pods = await stage.plane.api.list(
          '/api/v1/namespaces/testcast/pods?labelSelector=app.kubernetes.io%2Fname%3Dgateway',
        );
        expect(pods).toHaveLength(2);
      }, downWithin);
      await traffic.stop();
      // The first event is the run's start.
      await eventually(() => expect(watchers.slowest).toBe(traffic.acknowledged + 1));
      expect(watchers.live).toBe(24);
      expect(watchers.complaints).toEqual([]);
      expect(await stage.refused()).toBe(0);
    },
  );

  it('were never more, nor fewer, than the policy allows from one step to the next', () => {
    const counts = moments.map(({ replicas }) => replicas).filter((count, index, all) => count !== all[index - 1]);
    expect(Math.max(...counts)).toBe(rehearsal.maxReplicas);
    for (const [index, count] of counts.entries()) {
      const before = counts[index - 1] ?? count;
      expect(count).toBeLessThanOrEqual(Math.ceil(before * 1.5));
      expect(count).toBeGreaterThanOrEqual(Math.floor(before * 0.75));
    }
  });
});
