import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LoadClient } from '../live/load-client.ts';
import type { LoadReport } from '../live/load-report.ts';
import type { Fault } from './fault.ts';
import type { ProductCluster } from './product-cluster.ts';
import { SteadyReporter } from './steady-reporter.ts';

export interface CrowdOptions {
  readonly sockets: number;
  readonly rooms: number;
  readonly eventsPerSecond: number;
  /** Seconds before and after each fault. */
  readonly calmSeconds: number;
  /** Whether clients ask `POST /v1/connect` through the balancers and go where it sends them; else they go through the balancers. */
  readonly ask: boolean;
}

/** Milliseconds, from when an event was due. */
export interface Phase {
  readonly p50: number;
  readonly p99: number;
}

/** What a fault did. */
export interface Outcome {
  readonly fault: string;
  readonly before: Phase;
  readonly during: Phase;
  readonly after: Phase;
  /** Seconds until everybody was in their room again; 0 when nobody left it. */
  readonly backSeconds: number;
  readonly backWithin: number;
  readonly left: number;
  readonly moved: number;
  readonly refused: number;
  readonly missing: number;
  readonly repeated: number;
  /** Results that had to be sent again, and the longest that one took to be acknowledged. */
  readonly retries: number;
  readonly longestAckMs: number;
  /** What should not have been, in words; empty when the fault did no more than it may. */
  readonly problems: readonly string[];
}

/** Clients in rooms into which results are reported all the while. */
export class ClientsUnderFaults {
  private constructor(
    private readonly cluster: ProductCluster,
    private readonly options: CrowdOptions,
    private readonly client: LoadClient,
    private readonly reporter: SteadyReporter,
  ) {}

  static async start(cluster: ProductCluster, options: CrowdOptions): Promise<ClientsUnderFaults> {
    const { sockets, rooms, eventsPerSecond, ask } = options;
    const token = await cluster.adminKey();
    const room = `run:bench/${randomUUID()}-%`;
    const balanced = cluster.urls.map((url) => Number(new URL(url).port));
    const client = LoadClient.start({
      dialect: 'testcast',
      ports: ask ? cluster.gateways.map(({ port }) => port) : balanced,
      sockets,
      rooms,
      room,
      header: `authorization: Bearer ${token}`,
      ask: ask ? balanced : undefined,
    });
    await client.until('all are in', ({ ready }) => ready === sockets, 120_000);
    // Not before: its connections would take places at the balancers, which give each gateway as many.
    const reporter = new SteadyReporter({ urls: cluster.urls, token, room, rooms, eventsPerSecond });
    const crowd = new ClientsUnderFaults(cluster, options, client, reporter);
    // The event that starts a run has no stamp, so who was in its room before would be said to have missed one.
    await reporter.everyRunBegun();
    await crowd.settled();
    return crowd;
  }

  /** How far the fullest gateway is above its share, and the emptiest below, in percent of the share. */
  async spread(): Promise<number> {
    const held = await this.cluster.connections();
    const share = this.options.sockets / held.length;
    return Math.max(...held.map((count) => (Math.abs(count - share) / share) * 100));
  }

  async undergo(fault: Fault): Promise<Outcome> {
    const { calmSeconds } = this.options;
    await this.client.mark();
    await delay(calmSeconds * 1_000);
    const before = await this.client.mark();
    const leavers = await fault.leavers(this.cluster);
    void this.reporter.trouble;
    const began = performance.now();
    const happened = fault.happen(this.cluster);
    const backSeconds = await this.allBack(leavers, began);
    await happened;
    await delay(calmSeconds * 1_000);
    const during = await this.client.mark();
    await fault.repair(this.cluster);
    await this.settled();
    await this.client.mark();
    await delay(calmSeconds * 1_000);
    const after = await this.settled();
    const { retries, longestMs } = this.reporter.trouble;
    const outcome = {
      fault: fault.name,
      before: phaseOf(before),
      during: phaseOf(during),
      after: phaseOf(after),
      backSeconds,
      backWithin: fault.within,
      left: during.lost,
      moved: during.moved,
      refused: during.refused,
      missing: during.missing + after.missing + after.behindEvents,
      repeated: during.repeated + after.repeated,
      retries,
      longestAckMs: longestMs,
    };
    return { ...outcome, problems: problemsOf(outcome, fault) };
  }

  /** Ends the traffic. @returns acknowledged results that are not in the log */
  async stop(): Promise<number> {
    try {
      await this.reporter.stop();
      return await this.reporter.lost(`ws://127.0.0.1:${this.cluster.gateways[0]!.port}/stream`);
    } finally {
      await this.client.stop();
    }
  }

  /** Until those who had to leave are in again. Of a fault that sends nobody away: 0, or how long it took all the same. */
  private async allBack(leavers: number, began: number): Promise<number> {
    const { sockets } = this.options;
    const enough = Math.ceil(leavers * 0.95);
    let away = leavers > 0;
    // Also one who leaves late counts: sockets that stand still for a second have not all been noticed.
    const until =
      leavers > 0 ? ({ ready, lost, moved }: LoadReport) => ready === sockets && lost + moved >= enough : undefined;
    if (until !== undefined) {
      await this.client.until('all are back', until, 60_000);
      return (performance.now() - began) / 1_000;
    }
    let back = 0;
    for (const end = performance.now() + 3_000; performance.now() < end || away; await delay(50)) {
      away = (await this.client.report()).ready < sockets;
      if (away) back = (performance.now() - began) / 1_000;
    }
    return back;
  }

  /** Without traffic: while results come, somebody has always just not got the newest. */
  private async settled(): Promise<LoadReport> {
    const { sockets } = this.options;
    await this.reporter.pause();
    const report = await this.client.until(
      'nobody lacks anything',
      ({ ready, behind }) => ready === sockets && behind === 0,
      60_000,
    );
    this.reporter.goOn();
    return report;
  }
}

function problemsOf(
  { missing, repeated, backSeconds }: Pick<Outcome, 'missing' | 'repeated' | 'backSeconds'>,
  { moves = false, within }: Fault,
): string[] {
  return [
    ...(missing > 0 ? [`${missing} events were missing`] : []),
    ...(repeated > 0 && !moves ? [`${repeated} events came twice`] : []),
    ...(backSeconds > within ? [`everybody was back after ${backSeconds.toFixed(1)} s, not ${within} s`] : []),
  ];
}

const phaseOf = ({ latency }: LoadReport): Phase => ({ p50: latency.p50 / 1_000, p99: latency.p99 / 1_000 });
