import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventStore } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import { GatewayUnderTest } from '../access/support/gateway-under-test.ts';
import { SocketUnderTest } from '../access/support/socket.ts';

let gateway: GatewayUnderTest;
let watcher: SocketUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start(await databaseBehindBy('5 seconds'));
  const opened = await SocketUnderTest.open(`${gateway.origin.replace('http', 'ws')}/stream`, gateway.adminKey);
  if (!(opened instanceof SocketUnderTest)) throw new Error('it was refused');
  watcher = opened;
});
afterAll(async () => {
  watcher?.close();
  await gateway?.stop();
});

/** The clock by which events are dated, for all who connect: a name is looked up in the path's first schema that has it. */
async function databaseBehindBy(interval: string): Promise<string> {
  const url = await createDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create schema set_back;
    create function set_back.clock_timestamp() returns timestamptz language sql volatile
      as $$ select pg_catalog.clock_timestamp() - interval '${interval}' $$;
    alter database ${client.escapeIdentifier(client.database!)} set search_path = set_back, pg_catalog, public`);
  await client.end();
  return url;
}

async function valueOf(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

it('a gateway whose clock is five seconds ahead of the database says so, and delivers no later for it', async () => {
  await eventually(async () => expect(Math.abs((await valueOf('testcast_clock_ahead_ms')) - 5000)).toBeLessThan(50));
  const runId = await gateway.newRun();
  await watcher.request('room.subscribe', { room: `run:shop/${runId}` });
  const before = await valueOf('websocket_message_latency_count');
  const items = [{ kind: 'test.finished', at: 1, testId: 'a', status: 'passed', durationMs: 1 }];
  await watcher.request('results.report', { projectId: 'shop', runId, items });
  await eventually(async () => expect(await valueOf('websocket_message_latency_count')).toBeGreaterThan(before));
  const mean = (await valueOf('websocket_message_latency_sum')) / (await valueOf('websocket_message_latency_count'));
  expect(mean).toBeLessThan(1000);
  // The other clock is really the one that dates events.
  const { events } = await gateway.app.get(EventStore).readStream(`run:shop/${runId}`, 0);
  expect(Date.now() - events[0]!.recordedAt).toBeGreaterThan(4000);
});
