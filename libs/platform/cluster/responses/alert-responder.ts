import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Rebalancing } from '../rebalancing/index.ts';
import { within } from '../within.ts';
import { type AlertNotification, actionOf } from './alert-notification.ts';
import { type ClaimedResponse, ClusterResponses } from './cluster-responses.ts';
import { KubernetesAutoscaler } from './kubernetes-autoscaler.ts';
import { PodFloor } from './pod-floor.ts';
import { type ResponsesOptions, responsesOptions } from './responses-options.ts';

/** An alert that nobody has told of for as long is given up: whoever tells of alerts may be gone. */
const lastsMs = 30 * 60_000;
const lookEveryMs = 5000;
const leaseMs = 30_000;
/** After that many a response has failed; giving back is tried for ever. */
const mostAttempts = 5;
const postponeMs = 10_000;
const forgetEveryMs = 3_600_000;
const lastWordsMs = 2000;

/**
 * Does what alerts ask for, and gives it back when they are over. Every gateway looks for what is to be done, so that no
 * response depends on the one that was told of the alert.
 */
@Injectable()
export class AlertResponder implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly autoscaler: KubernetesAutoscaler | undefined;
  private readonly floor: PodFloor | undefined;
  private readonly logger = new Logger('Alerts');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private databaseUp = true;
  private forgetAt = 0;

  constructor(
    private readonly responses: ClusterResponses,
    @Inject(Rebalancing) private readonly rebalancing: Pick<Rebalancing, 'start'>,
    database: DataSource,
    @Inject(responsesOptions) private readonly options: ResponsesOptions,
  ) {
    this.autoscaler = options.autoscaler && new KubernetesAutoscaler(options.autoscaler);
    this.floor = this.autoscaler && new PodFloor(database, this.autoscaler);
  }

  async onApplicationBootstrap(): Promise<void> {
    // Before there are sockets, which would all wait for it in the middle of what the alert is about.
    await this.autoscaler?.load();
    this.timer = setInterval(() => void this.look(), this.options.lookEveryMs ?? lookEveryMs);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    // Another gateway goes on where this one stops; its sockets must not wait for a database or an API that is away.
    await within(lastWordsMs, async () => this.running);
  }

  /**
   * Remembers what a notification asks for; it is carried out right after. Throws what the database throws: Alertmanager
   * tells again.
   *
   * @returns how many alerts began, and how many ended, a response
   */
  async take({ alerts }: AlertNotification): Promise<{ begun: number; ended: number }> {
    let [begun, ended] = [0, 0];
    for (const alert of alerts) {
      if (alert.status === 'resolved') {
        if (await this.responses.resolve(alert)) ended += 1;
      } else if (await this.responses.begin(alert, this.options.lastsMs ?? lastsMs)) {
        begun += 1;
        this.logger.warn(`${alert.labels['alertname'] ?? 'an alert'} asks for ${actionOf(alert)}`);
      }
    }
    void this.look();
    return { begun, ended };
  }

  /** Sees to all that is to be done. Never rejects; asked again meanwhile, it looks again. */
  look(): Promise<void> {
    if (this.running !== undefined) this.again = true;
    this.running ??= this.seeToAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async seeToAll(): Promise<void> {
    try {
      do {
        this.again = false;
        for (
          let claimed;
          !this.stopped && (claimed = await this.responses.claim(leaseMs, this.floor !== undefined)) !== undefined;
        )
          await this.seeTo(claimed);
      } while (this.again && !this.stopped);
      if (performance.now() >= this.forgetAt) {
        this.forgetAt = performance.now() + forgetEveryMs;
        await this.responses.forgetOld();
      }
      this.databaseUp = true;
    } catch (error) {
      // Once: it is tried again every five seconds.
      if (this.databaseUp) this.logger.warn(`responses to alerts wait for the database: ${String(error)}`);
      this.databaseUp = false;
    }
  }

  private async seeTo(response: ClaimedResponse): Promise<void> {
    const { id, alert, action, attempts, acted, over } = response;
    try {
      if (over) await this.giveBack(response);
      else await this.act(response);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.logger.warn(`${action} for ${alert}: ${problem}`);
      if (acted || over || attempts + 1 < mostAttempts || !(await this.abandon(response, problem)))
        await this.responses.postpone(id, problem, this.options.postponeMs ?? postponeMs);
    }
  }

  private async act({ id, alert, action }: ClaimedResponse): Promise<void> {
    const details: string[] = [];
    if (this.floor !== undefined) details.push(await this.floor.raise(id, action));
    const moves = await this.rebalancing.start({ reason: 'alert', evenOut: false });
    const detail = [...details, movesSay(moves)].join('; ');
    await this.responses.acted(id, detail);
    this.logger.log(`${action} for ${alert}: ${detail}`);
  }

  private async giveBack({ id, alert, action }: ClaimedResponse): Promise<void> {
    const detail = await this.floor?.lower(id, (tx, detail) => this.responses.end(id, 'undone', { tx, detail }));
    if (detail === undefined) await this.responses.end(id, 'done');
    this.logger.log(`${action} for ${alert} is over${detail === undefined ? '' : `: ${detail}`}`);
  }

  /** @returns whether what it may have done in part could be given back; else it has to be tried again */
  private async abandon({ id }: ClaimedResponse, problem: string): Promise<boolean> {
    try {
      if (this.floor === undefined) await this.responses.end(id, 'failed', { detail: problem });
      else await this.floor.lower(id, (tx) => this.responses.end(id, 'failed', { tx, detail: problem }));
      return true;
    } catch {
      return false;
    }
  }
}

function movesSay(moves: readonly { readonly ordered: number }[]): string {
  if (moves.length === 0) return 'no server is known to be full beside an empty one: nobody is moved';
  return `${moves.reduce((sum, { ordered }) => sum + ordered, 0)} connections are moved`;
}
