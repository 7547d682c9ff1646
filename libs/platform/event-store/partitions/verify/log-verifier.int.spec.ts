import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyEvent } from '#platform/testing';
import { LogUnderTest, streamIn } from '../fixtures/log-under-test.ts';
import { checkMap, type MapRow } from './check-map.sql.ts';
import type { Finding } from './finding.ts';
import { ReadModelCheck } from './read-model-check.ts';
import type { ReadModelReader } from './read-model-reader.ts';

describe('verifying the log', () => {
  let log: LogUnderTest;
  let slot: number;
  let stream: string;
  beforeEach(async () => {
    log = await LogUnderTest.open();
    slot = (await log.slotsOf(0))[0]!;
    stream = streamIn(slot);
    const events = [anyEvent({ lifecycle: true }), anyEvent(), anyEvent(), anyEvent({ lifecycle: true }), anyEvent()];
    await log.store.append({ stream, events });
    for (const other of [slot, (await log.slotsOf(1))[0]!]) {
      await log.store.append({ stream: streamIn(other), events: [anyEvent(), anyEvent()] });
    }
  });
  afterEach(() => log?.close());

  const damages: [damage: string, sql: string, findings: (string | RegExp)[]][] = [
    ['an event that is gone from the middle', `delete from events where version = 3`, ['positions', 'versions']],
    ['a last event that is gone', `delete from events where version = 5`, ['positions', 'versions']],
    ['a first event that is gone', `delete from events where position = 1 and slot = $slot`, ['positions', 'versions']],
    ['an event whose version was changed', `update events set version = 9 where version = 5`, ['versions']],
    [
      'an event that is in the log twice',
      `insert into events select 8, stream_no, 6, at, recorded_at, event_id, 1, slot, false, digest, type, data, detail
       from events where version = 5`,
      ['placement'],
    ],
    [
      'the same id twice in a stream, in the tables of a slot that moves',
      `update slots set moving_from = 0, partition_id = 1 where slot = $slot;
       update events set partition_id = 1, event_id = (select event_id from events where version = 2 and slot = $slot
                                                       order by stream_no limit 1)
       where version = 5`,
      ['ids'],
    ],
    [
      'a row in another partition',
      `update events set partition_id = 2 where version = 5`,
      ['placement', 'positions', 'versions'],
    ],
    [
      'a slot in another partition than its rows',
      `update slots set partition_id = 5 where slot = $slot`,
      ['placement', 'positions', 'versions', 'guards'],
    ],
    ['a slot whose partition is no table', `update slots set partition_id = 77 where slot = 255`, ['map']],
    ['a slot that moves from where it is', `update slots set moving_from = partition_id where slot = 255`, ['map']],
    ['a slot that is gone', `delete from relay_slots where slot = 255; delete from slots where slot = 255`, ['map']],
    ['a guard that stayed behind', `update streams set guard = 1 where version = 5`, ['guards']],
    ['a guard that is ahead', `update streams set guard = 5 where version = 5`, ['guards']],
    ['a stream that stayed behind', `update streams set version = 4 where version = 5`, ['heads', 'versions']],
    ['a head that is ahead', `update slots set position = position + 1 where slot = $slot`, ['heads', 'positions']],
    ['a stream that is gone', `delete from streams where version = 5`, ['heads', 'streams']],
    [
      'a stream in another slot than its name',
      `update streams set slot = $slot + 1 where version = 5`,
      ['heads', 'streams', 'versions', 'guards'],
    ],
    [
      'an event in another slot than its stream',
      `update events set slot = $slot + 1, position = 1 where version = 5`,
      ['positions', 'placement', 'streams'],
    ],
    ['data that were changed', `update events set data = '{"n":1}' where version = 5`, ['content']],
    ['details that were changed', `update events set detail = '{}' where version = 5`, ['content']],
    ['a type that was changed', `update events set type = 'test.other' where version = 5`, ['content']],
    [
      'data that are gone from a stream that nobody closed',
      `update events set data = '{"erased":true}', detail = null where version = 5`,
      ['content'],
    ],
    ['an epoch that is missing', `update store_epochs set n = 2`, ['epochs']],
    ['an epoch that forked in the future', `update store_epochs set heads[$slot + 1] = 1000`, ['epochs']],
    [
      'an epoch of another store',
      `insert into store_epochs select 2, 'other', system_identifier, timeline, heads from store_epochs`,
      ['epochs'],
    ],
    ['a relay that is ahead', `update relay_slots set published = 99 where slot = $slot`, ['checkpoints']],
    [
      'a projection that is ahead',
      `insert into projection_checkpoints (projection, version, slot, position) values ('another', 1, $slot, 99)`,
      ['checkpoints'],
    ],
  ];

  it.each(damages)('finds %s', async (_, sql, checks) => {
    await log.admin.query(sql.replaceAll('$slot', String(slot)));
    const findings = await log.verify();
    expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(checks));
  });

  it('says where the damage is, and nothing where there is none', async () => {
    expect(await log.verify()).toEqual([]);
    await log.admin.query('delete from events where version = 3');
    expect(await log.verify()).toEqual([
      { check: 'positions', where: `slot ${slot}`, problem: 'position 4 does not follow the one before it' },
      { check: 'versions', where: stream, problem: 'version 4 does not follow the one before it' },
    ] satisfies Finding[]);
  });

  it('asks the modules about their read models, and stops when it has found enough', async () => {
    class Endless extends ReadModelCheck {
      readonly name = 'endless';
      async *findings(reader: ReadModelReader): AsyncIterable<Finding> {
        for (;;) {
          const [row] = await reader.query<{ where: string }>(`select 'row ' || $1::int as where`, [7]);
          yield { check: this.name, where: row!.where, problem: 'it is not there' };
        }
      }
      summary = () => 'Looked for ever.';
    }
    const checks: string[] = [];
    const findings = await log.verify({
      readModels: [new Endless()],
      mostFindings: 3,
      onProgress: ({ check }) => void checks.push(check),
    });
    expect(findings).toEqual(
      Array.from({ length: 3 }, () => ({ check: 'endless', where: 'row 7', problem: 'it is not there' })),
    );
    expect(checks.at(-1)).toBe('endless');
  });

  it('takes the map and the tables of one moment', async () => {
    const mapAtThatMoment = async () => (await log.admin.query<MapRow>(checkMap)).rows[0];
    const whole = { slots: 256, lost: [], confused: [] };
    for (const change of ['split', 'drain'] as const) {
      await log.admin.query('begin isolation level repeatable read');
      await log.admin.query('select from slots limit 1');
      await log.partitions()[change](0);
      expect(await mapAtThatMoment()).toEqual(whole);
      await log.admin.query('commit');
      expect(await mapAtThatMoment()).toEqual(whole);
    }
  });

  it('is right about a log that is being written', async () => {
    const done = new AbortController();
    const writing = (async () => {
      while (!done.signal.aborted)
        await log.store.append({ stream, events: [anyEvent(), anyEvent({ lifecycle: true })] });
    })();
    for (let times = 0; times < 3; times++) expect(await log.verify()).toEqual([]);
    done.abort();
    await writing;
  });
});
