import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventually } from '#platform/testing';
import { AutoscalerApi } from '../fixtures/autoscaler-api.ts';
import type { Rebalancing } from '../rebalancing/index.ts';
import type { Alert } from './alert-notification.ts';
import { AlertResponder } from './alert-responder.ts';
import { ClusterResponses } from './cluster-responses.ts';
import type { ResponsesOptions } from './responses-options.ts';

Logger.overrideLogger(false);

let database: DataSource;
let responses: ClusterResponses;
let api: AutoscalerApi;
const responders: AlertResponder[] = [];
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 8 })).initialize();
  responses = new ClusterResponses(database);
  api = await AutoscalerApi.start();
});
beforeEach(async () => {
  await database.query('truncate cluster_responses');
  api.reset({ minReplicas: 4, maxReplicas: 20, currentReplicas: 4 });
});
afterEach(() => Promise.all(responders.splice(0).map((responder) => responder.onModuleDestroy())));
afterAll(async () => {
  await api?.stop();
  await database?.destroy();
});

/** Nobody is full beside an empty one. */
const evenCluster = { start: () => Promise.resolve([]) };

/** One of a gateway that looks for what is to be done only when it is told to. */
function responder(
  options: ResponsesOptions = {},
  rebalancing: Pick<Rebalancing, 'start'> = evenCluster,
): AlertResponder {
  const made = new AlertResponder(responses, rebalancing, database, {
    autoscaler: api.options,
    postponeMs: 0,
    ...options,
  });
  responders.push(made);
  return made;
}

const alert = (fingerprint: string, action?: string, status: Alert['status'] = 'firing'): Alert => ({
  status,
  fingerprint,
  startsAt: '2026-01-01T00:00:00.000Z',
  labels: { alertname: `Alert ${fingerprint}`, ...(action === undefined ? {} : { action }) },
});
const notification = (...alerts: Alert[]) => ({ version: '4' as const, alerts });
const resolved = (fingerprint: string) => alert(fingerprint, 'scale_out', 'resolved');

async function told(to: AlertResponder, ...alerts: Alert[]): Promise<{ begun: number; ended: number }> {
  const taken = await to.take(notification(...alerts));
  await to.look();
  return taken;
}
const states = async () => (await responses.recent(50)).map(({ alert, state }) => `${alert}: ${state}`).sort();

describe('an alert that asks for more', () => {
  it('raises the least number of pods by one, and gives it back when it is resolved', async () => {
    const one = responder();
    expect(await told(one, alert('a', 'scale_out'))).toEqual({ begun: 1, ended: 0 });
    expect(api.state.minReplicas).toBe(5);
    expect(await responses.recent(1)).toMatchObject([{ alert: 'Alert a', action: 'scale_out', state: 'running' }]);
    expect((await responses.recent(1))[0]!.detail).toContain(
      'at least 5 pods, where it was 4; no server is known to be full',
    );
    expect(await told(one, resolved('a'))).toEqual({ begun: 0, ended: 1 });
    expect(api.state.minReplicas).toBe(4);
    const [ended] = await responses.recent(1);
    expect(ended).toMatchObject({ state: 'undone', detail: 'at least 4 pods again' });
    expect(ended!.undoneAt).toBeGreaterThanOrEqual(ended!.startedAt);
  });

  it('raises it by half when it is urgent, and never above what there may be', async () => {
    api.reset({ minReplicas: 4, maxReplicas: 20, currentReplicas: 9 });
    await told(responder(), alert('a', 'immediate_scale_out'));
    expect(api.state.minReplicas).toBe(14);
    api.reset({ minReplicas: 4, maxReplicas: 20, currentReplicas: 19 });
    await told(responder(), alert('b', 'immediate_scale_out'));
    expect(api.state.minReplicas).toBe(20);
  });

  it('is answered once, however often and by however many gateways it is told', async () => {
    const [one, two] = [responder(), responder()];
    const all = await Promise.all([one, two, one, two].map((to) => told(to, alert('a', 'scale_out'))));
    expect(all.reduce((sum, { begun }) => sum + begun, 0)).toBe(1);
    await Promise.all([one.look(), two.look()]);
    expect(api.patches).toBe(1);
    expect(await states()).toEqual(['Alert a: running']);
  });

  it('orders moves as well', async () => {
    const rounds: unknown[] = [];
    const start: Rebalancing['start'] = (round) => {
      rounds.push(round);
      const move = {
        id: 'm',
        from: 'a',
        to: 'b',
        ordered: 7,
        moved: 0,
        failed: 0,
        state: 'ordered',
        orderedAt: 1,
      } as const;
      return Promise.resolve([{ ...move, reason: round.reason }]);
    };
    const one = responder({}, { start });
    await told(one, alert('a', 'scale_out'));
    expect((await responses.recent(1))[0]!.detail).toContain('7 connections are moved');
    await told(one, alert('a', 'scale_out'));
    expect(rounds).toEqual([{ reason: 'alert', evenOut: false }]);
  });

  it('and one that asks for nothing is left to people', async () => {
    expect(await told(responder(), alert('a'), alert('b', 'reboot'))).toEqual({ begun: 0, ended: 0 });
    expect(await responses.recent(50)).toEqual([]);
  });
});

describe('several at once', () => {
  it('keep the highest of what is asked for, and give back what there was before the first', async () => {
    const one = responder();
    await told(one, alert('a', 'scale_out'));
    await told(one, alert('b', 'immediate_scale_out'));
    expect(api.state.minReplicas).toBe(6);
    await told(one, resolved('b'));
    expect(api.state.minReplicas).toBe(5);
    await told(one, alert('c', 'immediate_scale_out'));
    await told(one, resolved('a'));
    expect(api.state.minReplicas).toBe(6);
    await told(one, resolved('c'));
    expect(api.state.minReplicas).toBe(4);
  });

  it('end at the lowest in any order, with two gateways at it', async () => {
    const [one, two] = [responder(), responder()];
    await told(one, alert('a', 'scale_out'), alert('b', 'immediate_scale_out'), alert('c', 'scale_out'));
    await Promise.all([told(one, resolved('b')), told(two, resolved('a')), told(one, resolved('c'))]);
    await Promise.all([one.look(), two.look()]);
    expect(api.state.minReplicas).toBe(4);
    expect(await states()).toEqual(['Alert a: undone', 'Alert b: undone', 'Alert c: undone']);
  });
});

describe('what goes wrong', () => {
  it('a gateway that dies leaves what it raised to another one', async () => {
    const one = responder({ lastsMs: 0 });
    // Between storing and doing: the claim is there, the floor is not.
    await responses.begin(alert('a', 'scale_out'), 60_000);
    expect(await responses.claim(0, true)).toMatchObject({ acted: false, over: false });
    await one.look();
    expect(api.state.minReplicas).toBe(5);
    // After doing, and before it was told that the alert is over.
    await responses.resolve(resolved('a'));
    await responder().look();
    expect(api.state.minReplicas).toBe(4);
  });

  it('an alert that nobody tells of any more is given up after its time', async () => {
    const one = responder({ lastsMs: 1 });
    await told(one, alert('a', 'scale_out'));
    await eventually(async () => {
      await one.look();
      expect(await states()).toEqual(['Alert a: undone']);
    });
    expect(api.state.minReplicas).toBe(4);
  });

  it('an alert that was given up, and still fires, is answered anew; one that was resolved is not', async () => {
    const silent = responder({ lastsMs: 0 });
    await told(silent, alert('a', 'scale_out'));
    await eventually(async () => {
      await silent.look();
      expect(await states()).toEqual(['Alert a: undone']);
    });
    // Whoever tells of alerts was away for a while.
    const one = responder();
    expect(await told(one, alert('a', 'scale_out'))).toEqual({ begun: 1, ended: 0 });
    expect(api.state.minReplicas).toBe(5);
    expect(await told(one, alert('a', 'scale_out'))).toEqual({ begun: 0, ended: 0 });
    await told(one, resolved('a'));
    expect(api.state.minReplicas).toBe(4);
    expect(await told(one, alert('a', 'scale_out'))).toEqual({ begun: 0, ended: 0 });
    expect(await states()).toEqual(['Alert a: undone']);
  });

  it('an API that does not answer is tried again, and nothing is raised for ever', async () => {
    const one = responder();
    api.failing = 503;
    await told(one, alert('a', 'scale_out'));
    const [failed] = await responses.recent(1);
    expect(failed).toMatchObject({ state: 'failed' });
    expect(failed!.detail).toContain('the Kubernetes API answered 503');
    api.failing = undefined;
    await told(one, alert('b', 'scale_out'));
    api.failing = 503;
    // Giving back does not give up.
    const waiting = responder({ postponeMs: 60_000 });
    await told(waiting, resolved('b'));
    expect(await states()).toEqual(['Alert a: failed', 'Alert b: running']);
    api.failing = undefined;
    await database.query(`update cluster_responses set claimed_until = now() where state = 'running'`);
    await waiting.look();
    expect(api.state.minReplicas).toBe(4);
    expect(await states()).toEqual(['Alert a: failed', 'Alert b: undone']);
  });

  it('a number that somebody else has set between two responses is what is given back', async () => {
    const one = responder();
    await told(one, alert('a', 'scale_out'));
    api.state.minReplicas = 12;
    api.state.currentReplicas = 12;
    await told(one, alert('b', 'scale_out'));
    expect(api.state.minReplicas).toBe(13);
    await told(one, resolved('a'), resolved('b'));
    expect(api.state.minReplicas).toBe(12);
  });

  it('and is not undercut while a response of before it lasts', async () => {
    const one = responder();
    await told(one, alert('a', 'scale_out'));
    api.state.minReplicas = 10;
    api.state.currentReplicas = 10;
    await told(one, alert('b', 'scale_out'));
    expect(api.state.minReplicas).toBe(11);
    await told(one, resolved('b'));
    expect(api.state.minReplicas).toBe(10);
    await told(one, resolved('a'));
    expect(api.state.minReplicas).toBe(10);
  });

  it('a gateway without an autoscaler leaves what another has raised to one that can give it back', async () => {
    const one = responder();
    await told(one, alert('a', 'scale_out'));
    await told(responder({ autoscaler: undefined }), resolved('a'));
    expect(await states()).toEqual(['Alert a: running']);
    await one.look();
    expect(api.state.minReplicas).toBe(4);
    expect(await states()).toEqual(['Alert a: undone']);
  });

  it('a number that somebody else has set meanwhile stays', async () => {
    const one = responder();
    await told(one, alert('a', 'scale_out'));
    api.state.minReplicas = 12;
    await told(one, resolved('a'));
    expect(api.state.minReplicas).toBe(12);
    expect((await responses.recent(1))[0]).toMatchObject({
      state: 'undone',
      detail: 'at least 12 pods, left as it was',
    });
  });

  it('a change between looking and patching is met by looking again', async () => {
    api.conflicts = 2;
    await told(responder(), alert('a', 'scale_out'));
    expect(api.state.minReplicas).toBe(5);
  });
});

it('without an autoscaler only moves are ordered, and nothing is to be given back', async () => {
  const one = responder({ autoscaler: undefined });
  await told(one, alert('a', 'scale_out'));
  await told(one, resolved('a'));
  expect(await states()).toEqual(['Alert a: done']);
  expect(api.calls).toBe(0);
});

it('what ended a month ago is forgotten', async () => {
  const one = responder({ autoscaler: undefined });
  await told(one, alert('a', 'scale_out'), alert('b', 'scale_out'));
  await told(one, resolved('a'));
  await database.query(`update cluster_responses set started_at = now() - interval '31 days'`);
  await responses.forgetOld();
  expect(await states()).toEqual(['Alert b: running']);
});
