import { lifecycleEventTypes } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { runsProjection } from '../read-models/runs-projection.options.ts';
import { signsOfLife } from './quiet-runs.ts';

const run = 'run:shop/r1';
function recorded(type: string, version: number, recordedAt: number, data: object = {}): RecordedEvent {
  const stream = type === 'output' ? 'output:shop/r1/_' : run;
  const dataJson = JSON.stringify(data);
  return { slot: 0, position: version, stream, version, eventId: String(version), type, at: 1, recordedAt, dataJson };
}

describe('signs of life of a run', () => {
  it.each([...runsProjection.events, 'output'])('are given by %s, at the time of the server', (type) => {
    expect(signsOfLife([recorded(type, 7, 5000)])).toMatchObject([{ key: run, lastAt: 5000 }]);
  });

  it('of one batch are taken together: the latest time, the last version of the run itself', () => {
    const batch = [recorded('run.started', 1, 10), recorded('test.finished', 2, 30), recorded('output', 9, 20)];
    expect(signsOfLife(batch)).toEqual([{ key: run, lastAt: 30, version: 2, open: true, waitMs: undefined }]);
  });

  it('say whether the run waits for more: the last word counts', () => {
    const openAfter = (...types: string[]) => signsOfLife(types.map((type, at) => recorded(type, at + 1, 1)))[0]!.open;
    expect(openAfter('run.started', 'run.interrupted')).toBe(false);
    expect(openAfter('run.finished', 'test.finished')).toBe(false);
    expect(openAfter('run.cancelled', 'run.reopened', 'shard.started')).toBe(true);
    expect(openAfter('test.finished')).toBeUndefined();
    expect(lifecycleEventTypes.filter((type) => openAfter(type) === false)).toEqual([
      'run.finished',
      'run.interrupted',
      'run.cancelled',
    ]);
  });

  it('say how long it may be quiet: the first word counts', () => {
    const batch = [
      recorded('run.described', 1, 1, { branch: 'main' }),
      recorded('run.described', 2, 1, { quietAfterMs: 2000 }),
      recorded('run.described', 3, 1, { quietAfterMs: 9000 }),
    ];
    expect(signsOfLife(batch)[0]!.waitMs).toBe(2000);
  });

  it('are not taken from the stream of something else', () => {
    expect(() => signsOfLife([{ ...recorded('test.finished', 1, 1), stream: 'build:shop/1' }])).toThrow(
      /no stream of a run/,
    );
  });
});
