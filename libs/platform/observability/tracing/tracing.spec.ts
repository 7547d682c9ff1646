import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tracedPerRequest } from './receipt.ts';
import { spanIdOf, traceIdOf } from './result-trace.ts';
import type { Span } from './span.ts';
import { Tracing } from './tracing.ts';

function newTracing(ratio = 1) {
  const spans: Span[] = [];
  const recorder = {
    record: (span: Span) => void spans.push(span),
    callerOf: () => undefined,
    close: () => Promise.resolve(),
  };
  const tracing = new Tracing(recorder, ratio);
  return { tracing, spans, named: (name: string) => spans.filter((span) => span.name === name) };
}

const message = (type = 'results.report') => ({ type, arrivedAt: performance.now(), errorCode: undefined });

/** Commits new events as one append of one batch, whose request is what is under way. */
function append(tracing: Tracing, eventIds: readonly string[], status = 'appended') {
  const events = eventIds.map((eventId) => ({ eventId, type: 'test.finished' }));
  const outcomes = eventIds.map((_, index) => ({ status, version: index + 1 }));
  const since = performance.now();
  return { stream: 'run:shop/1', events, outcomes, since, origin: tracing.appends.origin() };
}

describe('a result that is traced', () => {
  it('has its message, its command and its append one inside the other', async () => {
    const { tracing, spans } = newTracing();
    const eventId = randomUUID();
    await tracing.receive(message(), () =>
      tracing.command('ReportResults', async () => {
        await Promise.resolve();
        await tracing.command('OpenRun', () => Promise.resolve());
        tracing.appends.committed([append(tracing, [eventId])], performance.now());
      }),
    );
    const own = spans.filter(({ traceId }) => traceId === traceIdOf(eventId));
    const ids = Object.fromEntries(own.map(({ name, spanId, parentSpanId }) => [name, [spanId, parentSpanId]]));
    expect(ids).toEqual({
      'results.report': [spanIdOf(eventId, 'receive'), undefined],
      'command ReportResults': [spanIdOf(eventId, 'command'), spanIdOf(eventId, 'receive')],
      append: [spanIdOf(eventId, 'append'), spanIdOf(eventId, 'command')],
    });
    for (const { began, ended } of own) expect(ended).toBeGreaterThanOrEqual(began);
  });

  it('is followed from its append where nobody sent it', () => {
    const { tracing, named } = newTracing();
    tracing.appends.committed([append(tracing, [randomUUID()])], performance.now());
    expect(named('append')[0]?.parentSpanId).toBeUndefined();
  });

  it('is delivered no earlier than it was recorded, whatever the clocks of two machines say', () => {
    const { tracing, spans } = newTracing();
    const event = { eventId: randomUUID(), stream: 'run:shop/1', type: 'test.finished', version: 1 };
    tracing.delivered([{ ...event, recordedAt: Date.now() + 60_000 }], 3);
    expect(spans[0]!.ended - spans[0]!.began).toBeGreaterThanOrEqual(0);
    expect(spans[0]!.attributes['testcast.subscribers']).toBe(3);
  });
});

describe('what is not traced', () => {
  it('costs no span, of whatever batch it was a part', async () => {
    const { tracing, spans } = newTracing(0);
    const eventIds = Array.from({ length: 100 }, () => randomUUID());
    const recorded = eventIds.map((eventId) => ({ eventId, stream: 's', type: 't', version: 1, recordedAt: 0 }));
    await tracing.receive(message(), () => {
      tracing.appends.committed([append(tracing, eventIds)], performance.now());
      tracing.published(recorded, 0);
      tracing.projected('runs', recorded, 0);
      tracing.delivered(recorded, 1);
    });
    expect(spans).toEqual([]);
  });

  it('is what was known before', () => {
    const { tracing, spans } = newTracing();
    tracing.appends.committed([append(tracing, [randomUUID()], 'duplicate')], performance.now());
    expect(spans).toEqual([]);
  });

  it('is the arrival of results beyond a hundred of one request', async () => {
    const { tracing, named } = newTracing();
    const eventIds = Array.from({ length: 300 }, () => randomUUID());
    await tracing.receive(message(), () => tracing.appends.committed([append(tracing, eventIds)], performance.now()));
    expect(named('append')).toHaveLength(300);
    expect(named('results.report')).toHaveLength(tracedPerRequest);
    expect(named('append batch')[0]?.links).toHaveLength(128);
  });
});

describe('a caller that is traced itself', () => {
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

  it.each([
    [true, [caller.traceId, caller.traceId]],
    [false, []],
  ])('and says sampled=%s has the request in its trace, and not each of its results', (sampled, traces) => {
    const { tracing, spans } = newTracing(0);
    const receipt = tracing.begin('POST results', { ...caller, sampled }, () => {
      const eventIds = Array.from({ length: 100 }, () => randomUUID());
      tracing.appends.committed([append(tracing, eventIds)], performance.now());
    });
    tracing.settle(receipt, 'cut off');
    expect(spans.map(({ traceId }) => traceId)).toEqual(traces);
    expect(spans.every(({ attributes }) => attributes['testcast.events'] === 100)).toBe(true);
    expect(spans.filter(({ error }) => error === 'cut off').map(({ name }) => name)).toEqual(
      traces.slice(1).map(() => 'POST results'),
    );
  });
});
