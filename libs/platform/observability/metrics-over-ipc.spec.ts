import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { answerForMetrics, askForMetrics } from './metrics-over-ipc.ts';

/** The two ends of a channel; what is sent at one comes out of the other, as JSON. */
function newTestChannel() {
  const [parent, child] = [new EventEmitter(), new EventEmitter()];
  const towards = (other: EventEmitter) => (message: object) =>
    other.emit('message', JSON.parse(JSON.stringify(message)));
  return {
    parent: Object.assign(parent, { send: towards(child) }),
    child: Object.assign(child, { send: towards(parent) }),
  };
}
const metric = (value: number) => ({
  name: 'total',
  help: 'h',
  type: 'counter',
  aggregator: 'sum',
  values: [{ value, labels: {} }],
});

it('a child answers with its metrics, each question for itself', async () => {
  const { parent, child } = newTestChannel();
  let asked = 0;
  answerForMetrics({ own: async () => [metric((asked += 1))] as never }, child);
  expect(await Promise.all([askForMetrics(parent), askForMetrics(parent)])).toEqual([[[metric(1)]], [[metric(2)]]]);
  expect(parent.listenerCount('message')).toBe(0);
});

it('a child that is silent is left out after a second', async () => {
  vi.useFakeTimers();
  try {
    const { parent } = newTestChannel();
    const asked = askForMetrics(parent);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await asked).toEqual([]);
    expect(parent.listenerCount('message')).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
