import { Controller, Injectable, Logger, Module, type Type } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { throwError } from 'rxjs';
import { afterEach, expect, it } from 'vitest';
import { DiscoveryModule } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import { MemoryEventStore } from '#platform/event-store';
import { Readiness } from '#platform/observability';
import { eventually } from '#platform/testing';
import { boundProjections } from './bound-projections.ts';
import { MemoryCheckpointStore, type MemoryTransaction } from './engine/checkpoint-store.memory.ts';
import { ProjectionEngine } from './engine/projection-engine.ts';
import { newTestMetrics } from './engine/fixtures/test-engine.ts';
import { CommitHint } from './hints/commit-hint.ts';
import { LogTailStrategy } from './log-tail.strategy.ts';
import { Projection, type ProjectionBatch, type ProjectionContext } from './projection.ts';
import { UnboundProjections } from './unbound-projections.ts';

Logger.overrideLogger(false);

class ManualHint extends CommitHint {
  wake: () => void = () => undefined;
  async start(wake: () => void): Promise<void> {
    this.wake = wake;
  }
  async stop(): Promise<void> {}
}

const closes: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closes.splice(0).map((close) => close()));
});

async function newTestService(controllers: Type[], providers: Type[] = []) {
  const log = new MemoryEventStore();
  const engine = new ProjectionEngine(log, new MemoryCheckpointStore(log), newTestMetrics(), { now: () => Date.now() });
  const hint = new ManualHint();
  const readiness = new Readiness();
  const strategy = new LogTailStrategy(log, engine, hint, readiness);
  @Module({ imports: [DiscoveryModule], controllers, providers: [...providers, UnboundProjections] })
  class Projections {}
  const module = await Test.createTestingModule({ imports: [Projections] }).compile();
  const service = module.createNestMicroservice({ strategy });
  closes.push(() => strategy.close());
  return { service, strategy, log, hint, readiness };
}

class Poison extends Error {}
const poison = Object.assign(new Poison('cannot'), { code: '23505' });

@Controller()
class Throwing {
  @Projection({ name: 'throwing', version: 1, events: ['a'] })
  apply(): void {
    throw poison;
  }
}
@Controller()
class Rejecting {
  @Projection({ name: 'rejecting', version: 1, events: ['a'] })
  async apply(): Promise<void> {
    throw poison;
  }
}
@Controller()
class Observing {
  @Projection({ name: 'observing', version: 1, events: ['a'] })
  apply(): unknown {
    return throwError(() => poison);
  }
}

it("keeps a handler's error as it is, however it comes", async () => {
  const { service, strategy } = await newTestService([Throwing, Rejecting, Observing]);
  await service.init();
  const projections = boundProjections(strategy.getHandlers());
  expect(projections.map(({ name }) => name)).toEqual(['throwing', 'rejecting', 'observing']);
  for (const projection of projections) {
    await expect(projection.apply([], {} as ProjectionContext)).rejects.toBe(poison);
  }
});

it('hands events to the handler when a hint comes, and is ready only then', async () => {
  const seen: number[] = [];
  @Controller()
  class Counting {
    @Projection({ name: 'counting', version: 1, events: ['counted'] })
    async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx }: ProjectionContext): Promise<void> {
      const transaction = tx as unknown as MemoryTransaction;
      for (const { version } of batch) transaction.write(() => seen.push(version));
    }
  }
  const { service, log, hint, readiness } = await newTestService([Counting]);
  await service.init();
  expect(await readiness.report()).toMatchObject({
    ready: false,
    checks: { projections: 'the projections have not started' },
  });
  await service.listen();
  expect((await readiness.report()).ready).toBe(true);
  for (const type of ['counted', 'other', 'counted']) {
    await log.append({ stream: 'run:p/r', events: [{ eventId: randomUUID(), type, at: 0, data: {} }] });
  }
  hint.wake();
  await eventually(() => expect(seen).toEqual([1, 3]));
});

it('fails the start when two projections have one name', async () => {
  @Controller()
  class Other {
    @Projection({ name: 'throwing', version: 2, events: ['b'] })
    async apply(): Promise<void> {}
  }
  const { service } = await newTestService([Throwing, Other]);
  await expect(service.init()).rejects.toThrow('two projections are named "throwing"');
});

it('fails the start for a handler that no feed would call', async () => {
  @Controller()
  class Plain {
    @MessagePattern('plain')
    async apply(): Promise<void> {}
  }
  const { service } = await newTestService([Plain]);
  await service.init();
  await expect(service.listen()).rejects.toThrow('the handler of "plain" is not a @Projection');
});

it('fails the start for a projection among the providers', async () => {
  @Injectable()
  class Hidden {
    @Projection({ name: 'hidden', version: 1, events: [] })
    async apply(): Promise<void> {}
  }
  const { service } = await newTestService([], [Hidden]);
  await expect(service.init()).rejects.toThrow('Hidden (hidden): a projection belongs into "controllers"');
});
