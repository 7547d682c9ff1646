import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { expect, it } from 'vitest';
import { slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { checkpointsOf, parseCheckpoints, standsStill } from './checkpoints-of.ts';
import { add, FoldingProjectors, streams } from './engine/fixtures/folding-projectors.ts';
import { memoryLogBeside } from './engine/fixtures/test-engine.ts';

Logger.overrideLogger(false);
const projectors = FoldingProjectors.onDatabaseOfFile();

it('tells how far the rows of one statement reflect the log', async () => {
  const log = await memoryLogBeside(projectors.admin);
  const name = `it's ${randomUUID()}`;
  for (let n = 0; n < 3; n++) await add(log, streams[0]!);
  await projectors.start(log, name);
  const slot = slotOf(streams[0]!);
  await eventually(async () => {
    const [row] = await projectors.admin.query<{ positions: Record<string, number>; versions: number[] | null }[]>(
      `select checkpoints.positions, folded.versions
       from (select ${checkpointsOf({ name, version: 1 }, '$2')} as positions) as checkpoints
       left join folded on folded.projection = $1`,
      [name, [slot, (slot + 1) % 256]],
    );
    const positions = parseCheckpoints(row!.positions);
    // Whenever it is asked, the two belong together.
    expect(row!.versions?.length ?? 0).toBe(positions.get(slot));
    expect(positions.get(slot)).toBe(3);
    expect(positions.size).toBe(2);
  });
});

it('tells rows that nobody writes, as long as the next version is being filled, from those of an older release', async () => {
  const name = randomUUID();
  const still = async () =>
    (await projectors.admin.query<[{ still: boolean }]>(`select ${standsStill({ name })} as still`))[0].still;
  const add = (number: number, version: number, state: string) =>
    projectors.admin.query(
      'insert into projection_builds (projection, number, version, state) values ($1, $2, $3, $4)',
      [name, number, version, state],
    );
  expect(await still()).toBe(false);
  await add(1, 1, 'live');
  expect(await still()).toBe(false);
  await add(2, 2, 'filling');
  expect(await still()).toBe(true);
  await projectors.admin.query('insert into projectors (id, versions) values ($1, $2)', [randomUUID(), { [name]: 1 }]);
  expect(await still()).toBe(false);
  await projectors.admin.query(`update projectors set seen_at = clock_timestamp() - interval '1 minute'`);
  expect(await still()).toBe(true);
});
