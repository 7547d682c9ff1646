import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { ProcessMetrics, Scrape } from './scrape.ts';

/** One question and its answer between a process and its child. */
interface MetricsMessage {
  readonly type: 'metrics';
  readonly id: string;
  readonly metrics?: ProcessMetrics | undefined;
}

export interface IpcChannel extends Pick<EventEmitter, 'on' | 'off'> {
  send?(message: object): unknown;
  readonly connected?: boolean | undefined;
}

const patienceMs = 1_000;

/** Answers the parent that asks for the metrics of this process. */
export function answerForMetrics(scrape: Pick<Scrape, 'own'>, channel: IpcChannel = process): void {
  channel.on('message', (message: unknown) => {
    if (!isMetricsMessage(message)) return;
    void scrape.own().then(
      // Without anybody there, sending is an error of the process.
      (metrics) => channel.connected !== false && channel.send?.({ type: 'metrics', id: message.id, metrics }),
      () => undefined,
    );
  });
}

/** Asks a child; resolves to nothing when it does not answer within a second, so that the parent's own are still shown. */
export function askForMetrics(channel: IpcChannel): Promise<readonly ProcessMetrics[]> {
  const id = randomUUID();
  return new Promise((resolve) => {
    const settle = (metrics: readonly ProcessMetrics[]): void => {
      clearTimeout(timer);
      channel.off('message', onMessage);
      resolve(metrics);
    };
    const onMessage = (message: unknown): void => {
      if (isMetricsMessage(message) && message.id === id && message.metrics !== undefined) settle([message.metrics]);
    };
    const timer = setTimeout(settle, patienceMs, []);
    channel.on('message', onMessage);
    channel.send?.({ type: 'metrics', id } satisfies MetricsMessage);
  });
}

function isMetricsMessage(message: unknown): message is MetricsMessage {
  return (message as { type?: unknown } | null)?.type === 'metrics';
}
