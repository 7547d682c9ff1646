import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunExport } from '#modules/test-runs';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { createDatabase } from '#platform/testing';
import { eraseRun } from './erase-run.ts';

let dataSource: DataSource;
let store: PostgresEventStore;
let exportDir: string;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
  store = new PostgresEventStore(dataSource);
  exportDir = await mkdtemp(path.join(tmpdir(), 'testcast-exports-'));
});
afterAll(async () => {
  await store?.close();
  await dataSource?.destroy();
  await rm(exportDir, { recursive: true, force: true });
});

const ref = { projectId: 'shop', runId: 'r1' };
const append = (type: string, data: object) =>
  store.append({
    stream: rooms.run(ref.projectId, ref.runId),
    events: [{ eventId: randomUUID(), type, at: 1, data, lifecycle: true }],
  });
const erase = () => eraseRun(dataSource, ref, { exportDir, show: () => undefined, waitMs: 0 });

it('erases a run that has ended once everybody has read it, and says where its events are', async () => {
  await expect(erase()).rejects.toMatchObject({ code: 'run.unknown' });
  await append('run.started', { ...ref, implicit: false });
  await expect(erase()).rejects.toThrow('still running');
  await append('run.finished', {});
  expect(await erase()).toMatchObject({
    isWell: false,
    text: 'shop/r1 is not erased yet: it waits for runs, trends. A projector finishes it.',
  });
  await dataSource.query(
    'update projection_checkpoints c set position = s.position from slots s where s.slot = c.slot',
  );
  const { text, isWell, json } = await erase();
  expect([isWell, text]).toEqual([true, expect.stringContaining('shop/r1 is erased; its 2 events are in')]);
  const { file } = json as { file: string };
  expect(await readRunExport(path.join(exportDir, file))).toMatchObject({
    ...ref,
    events: 2,
    types: { 'run.started': 1, 'run.finished': 1 },
  });
  expect(await erase()).toMatchObject({ isWell: true, text });
});
