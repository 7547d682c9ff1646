import { setTimeout as delay } from 'node:timers/promises';
import { Socket } from '../../test/e2e/support/socket.ts';
import { nameOf, nowMicros, stampOf } from '../live/publishing.ts';

export interface ReporterOptions {
  /** Tried in turn, as long as it takes. */
  readonly urls: readonly string[];
  readonly token: string;
  /** `run:project/run-%` */
  readonly room: string;
  readonly rooms: number;
  readonly eventsPerSecond: number;
}

const retryAfterMs = 100;
const giveUpAfterMs = 5_000;

/**
 * Reports one result after the other over HTTP at a steady rate, each again until it is acknowledged, as a reporter with a
 * spill file does. What it was told is safe is looked for at the end.
 */
export class SteadyReporter {
  private readonly acknowledged: number[];
  private readonly underWay = new Set<Promise<void>>();
  private goesOn = true;
  private paused = false;
  private next = 0;
  private tries = 0;
  private longestMs = 0;
  private readonly loop: Promise<void>;

  constructor(private readonly options: ReporterOptions) {
    this.acknowledged = Array<number>(options.rooms).fill(0);
    this.loop = this.run();
  }

  /** Requests that failed and were made again, and the longest that a result took from being due to being acknowledged. */
  get trouble(): { retries: number; longestMs: number } {
    const seen = { retries: this.tries - this.next, longestMs: this.longestMs };
    this.longestMs = 0;
    return seen;
  }

  /** Until each room has a result. */
  async everyRunBegun(): Promise<void> {
    while (this.acknowledged.includes(0)) await delay(retryAfterMs);
  }

  /** Reports nothing more until `goOn`, and resolves when all that it reported is acknowledged. */
  async pause(): Promise<void> {
    this.paused = true;
    await Promise.all(this.underWay);
  }

  goOn(): void {
    this.paused = false;
  }

  /** Ends when everything is acknowledged. */
  async stop(): Promise<void> {
    this.goesOn = false;
    await this.loop;
    await Promise.all(this.underWay);
  }

  /** Acknowledged results that the log does not have, after `stop`; each is one event, behind that of the run's start. */
  async lost(streamUrl: string): Promise<number> {
    const socket = await Socket.open(streamUrl, this.options.token);
    let lost = 0;
    for (const [room, count] of this.acknowledged.entries()) {
      const reply = await socket.request('room.subscribe', { room: nameOf(this.options.room, room) });
      const { offset = 0 } = reply['data'] as { offset?: number };
      lost += Math.abs(count === 0 ? 0 : offset - 1 - count);
    }
    socket.cut();
    return lost;
  }

  private async run(): Promise<void> {
    const everyMicros = 1e6 / this.options.eventsPerSecond;
    let began = nowMicros();
    while (this.goesOn) {
      // What would have been due meanwhile is left out.
      if (this.paused) began = nowMicros() - this.next * everyMicros;
      for (; !this.paused && began + this.next * everyMicros <= nowMicros(); this.next++) {
        const work: Promise<void> = this.report(this.next, began + this.next * everyMicros);
        this.underWay.add(work);
        void work.finally(() => this.underWay.delete(work));
      }
      await delay(2);
    }
  }

  private async report(index: number, due: number): Promise<void> {
    const { urls, room, rooms } = this.options;
    const [, projectId, runId] = /^run:(.*)\/(.*)$/.exec(nameOf(room, index % rooms))!;
    const item = {
      kind: 'test.started',
      at: Date.now(),
      testId: `t${index}`,
      title: stampOf(due),
      suite: [],
      attempt: 1,
    };
    for (let tries = 0; ; tries++) {
      this.tries += 1;
      const url = `${urls[(index + tries) % urls.length]}/v1/projects/${projectId}/runs/${runId}/results`;
      if (await this.post(url, JSON.stringify([item]))) break;
      await delay(retryAfterMs);
    }
    this.acknowledged[index % rooms]! += 1;
    this.longestMs = Math.max(this.longestMs, (nowMicros() - due) / 1_000);
  }

  private async post(url: string, body: string): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.options.token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(giveUpAfterMs),
      });
      const answer = (await response.json()) as { results?: { status: string }[] };
      return response.ok && answer.results?.every(({ status }) => safe.has(status)) === true;
    } catch {
      return false;
    }
  }
}

/** It was sent before, and the answer got lost. */
const safe = new Set(['appended', 'duplicate']);
