import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { add, FoldingProjectors, foldOf, streams } from './fixtures/folding-projectors.ts';
import { memoryLogBeside } from './fixtures/test-engine.ts';

Logger.overrideLogger(false);
const projectors = FoldingProjectors.onDatabaseOfFile();

describe('a failure', () => {
  it.each(['08006', '40001', '40P01', '53300', '55P03', '57014', '57P01'])(
    'of SQLSTATE %s is retried until it passes, and parks nothing',
    async (state) => {
      const log = await memoryLogBeside(projectors.admin);
      const name = randomUUID();
      await add(log, streams[0]!);
      const { engine } = await projectors.start(log, name, {
        lostAnswers: 0,
        failures: Array.from({ length: 8 }, () => state),
      });
      await eventually(async () => expect(await projectors.rowsOf(name)).toEqual({ [streams[0]!]: [1] }));
      expect(await engine.parkedStreams(name)).toEqual([]);
    },
  );

  it('of an event parks its stream, keeps the later ones aside, and is replayed with them when the handler is mended', async () => {
    const log = await memoryLogBeside(projectors.admin);
    const name = randomUUID();
    for (const stream of streams) await add(log, stream);
    await add(log, streams[0]!, 'poison');
    for (const stream of streams)
      for (let n = 0; n < 40; n++) await add(log, stream, n % 2 === 0 ? 'counted' : 'other');
    const { engine, projection } = await projectors.start(log, name);
    const expected = { ...(await foldOf(log)), [streams[0]!]: [1] };
    await eventually(async () => {
      expect(await projectors.rowsOf(name)).toEqual(expected);
      expect(await engine.parkedStreams(name)).toMatchObject([
        { stream: streams[0], slot: slotOf(streams[0]!), firstVersion: 2, lastVersion: 41, events: 21 },
      ]);
    });
    expect((await engine.parkedStreams(name))[0]!.error).toBe('QueryFailedError 22012: division by zero');
    const again = await engine.replayParked(name, streams[0]!);
    expect(again).toMatchObject({ applied: 0, failure: { event: { version: 2 } } });
    expect(await projectors.rowsOf(name)).toEqual(expected);
    projection.mended = true;
    expect(await engine.replayParked(name, streams[0]!)).toEqual({ applied: 21 });
    await add(log, streams[0]!);
    await engine.offer(await log.readSlot(slotOf(streams[0]!), 0));
    const whole = await foldOf(log);
    await eventually(async () => expect(await projectors.rowsOf(name)).toEqual(whole));
  });

  it('of the connection parks nothing, whatever error the handler makes of it', async () => {
    const log = await memoryLogBeside(projectors.admin);
    const name = randomUUID();
    await add(log, streams[0]!);
    const { engine, projection } = await projectors.start(log, name);
    const apply = projection.apply.bind(projection);
    let kills = 6;
    projection.apply = async (batch, context) => {
      await apply(batch, context);
      if ((kills -= 1) < 0) return;
      await context.tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      throw new Error('could not write the rows');
    };
    await add(log, streams[0]!);
    await engine.offer(await log.readSlot(slotOf(streams[0]!), 0));
    await eventually(async () => expect(await projectors.rowsOf(name)).toEqual({ [streams[0]!]: [1, 2] }));
    expect(kills).toBeLessThan(0);
    expect(await engine.parkedStreams(name)).toEqual([]);
  });

  it('that a handler has swallowed is not taken for success', async () => {
    const log = await memoryLogBeside(projectors.admin);
    const name = randomUUID();
    await add(log, streams[0]!, 'swallowed');
    const { engine } = await projectors.start(log, name);
    await eventually(async () => expect(await engine.parkedStreams(name)).toMatchObject([{ firstVersion: 1 }]));
    expect(await projectors.rowsOf(name)).toEqual({});
  });
});
