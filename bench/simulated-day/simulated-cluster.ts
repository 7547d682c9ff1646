import type { ClusterNode } from '#platform/cluster';
import { PodAutoscaler } from './pod-autoscaler.ts';
import type { Region } from './region.ts';
import { SimulatedClient } from './simulated-client.ts';
import { beatEvery, capacity, SimulatedGateway } from './simulated-gateway.ts';

const syncEvery = 15;
/** From the order to the first readiness: scheduling, pulling, 3.5 s of start, a look of the probe. */
const startSeconds = 20;
/** Until Kubernetes gives up a node that fell silent: 40 s of grace and 300 s of toleration. */
const nodeLostSeconds = 340;
/** What the selector tells who finds all servers full. */
const retryAfterMs = 5000;
/** Reconnects of those whom a drain closes are spread over this long. */
const spreadSeconds = 2;

/** What happened since the last look at it. */
export interface Happened {
  admitted: number;
  /** Answers 503. */
  refusals: number;
  /** Attempts at a server that was dead. */
  misdirected: number;
  /** Moved by a server that goes, with no time away. */
  moved: number;
  cutOff: number;
  /** Seconds from the first 503 to being in, the longest of those who came in. */
  longestWait: number;
  /** Refusals while those whom all know of had more than a tenth of their places free. */
  refusedBeforeFull: number;
}

const nothing = (): Happened => ({
  admitted: 0,
  refusals: 0,
  misdirected: 0,
  moved: 0,
  cutOff: 0,
  longestWait: 0,
  refusedBeforeFull: 0,
});

/**
 * Gateways, clients and the autoscaler, a second at a time. Selection, health of nodes, assignments and backoff are the
 * product's own code; what is simulated is time, the pods, and that a gateway holds nobody above its capacity.
 */
export class SimulatedCluster {
  gateways: SimulatedGateway[] = [];
  now = 0;
  replicas: number;
  happened = nothing();
  private readonly connected: SimulatedClient[] = [];
  private readonly waiting = new Map<number, SimulatedClient[]>();
  private waitingCount = 0;
  private refused = 0;
  private readonly registry = new Map<string, ClusterNode>();
  private started = 0;
  private deploying: SimulatedGateway[] = [];

  constructor(
    private readonly random: () => number,
    replicas = 4,
    private readonly autoscaler = new PodAutoscaler(),
  ) {
    this.replicas = replicas;
    for (let at = 0; at < replicas; at++) this.start(0);
    this.openReady();
    for (const gateway of [...this.up, ...this.up]) gateway.beat(this.registry);
  }

  get up(): SimulatedGateway[] {
    return this.gateways.filter(({ state }) => state === 'up');
  }

  /** What is counted from here on. */
  nothingYet(): Happened {
    return nothing();
  }

  /** Those who are in, and those who want to be. */
  get clients(): { readonly connected: number; readonly waiting: number } {
    return { connected: this.connected.length, waiting: this.waitingCount };
  }

  /** Those who were answered 503 and are not in yet. */
  get refusedNow(): number {
    return this.refused;
  }

  /** One second, in which this many come, and this many of those who are in go. */
  tick(arriving: readonly Region[], leaving: number): void {
    this.now += 1;
    this.openReady();
    for (const gateway of this.gateways)
      if (gateway.state === 'up' && (this.now + gateway.number) % beatEvery === 0) gateway.beat(this.registry);
    for (let at = 0; at < leaving && this.connected.length > 0; at++)
      this.leave(this.connected[Math.floor(this.random() * this.connected.length)]!);
    for (const client of this.takeWaiting()) this.connect(client);
    for (const region of arriving) this.connect(new SimulatedClient(region));
    if (this.now % syncEvery === 0) this.autoscale();
    this.replace();
    this.deployStep();
  }

  /** A process ends without a word; the same pod starts it again. */
  crash(count: number): void {
    this.lose(count, 0);
  }

  /** A machine is gone with what ran on it. */
  loseNode(gatewaysOnIt: number): void {
    this.lose(gatewaysOnIt, nodeLostSeconds);
  }

  /** Every gateway is replaced by a new one, one after the other, the new one first. */
  deploy(): void {
    this.deploying = [...this.up];
  }

  private lose(count: number, replacedAfter: number): void {
    for (let at = 0; at < count && this.up.length > 1; at++) {
      const { up } = this;
      const gateway = up[Math.floor(this.random() * up.length)]!;
      gateway.state = 'dead';
      gateway.scraped = undefined;
      gateway.replacedAt = this.now + replacedAfter;
      for (const client of gateway.clients) {
        this.happened.cutOff += 1;
        this.leave(client);
        this.later(client, client.wait(this.random));
      }
    }
  }

  private start(afterSeconds: number): void {
    const region: Region = this.started % 2 === 0 ? 'eu-central' : 'us-east';
    this.gateways.push(new SimulatedGateway(this.started, region, this.now + afterSeconds));
    this.started += 1;
  }

  private openReady(): void {
    for (const gateway of this.gateways) {
      if (gateway.state !== 'starting' || gateway.readyAt > this.now) continue;
      gateway.state = 'up';
      gateway.beat(this.registry);
    }
  }

  private connect(client: SimulatedClient): void {
    const { up } = this;
    const asked = up[Math.floor(this.random() * up.length)]!;
    const serverId = asked.choose(client.region, this.random);
    const chosen = this.gateways.find((gateway) => gateway.serverId === serverId);
    if (serverId === undefined || (chosen?.state === 'up' && chosen.clients.size >= capacity)) {
      this.refuse(client, serverId === undefined ? retryAfterMs : 0);
    } else if (chosen?.state !== 'up') {
      this.happened.misdirected += 1;
      this.later(client, client.wait(this.random));
    } else {
      this.admit(client, chosen);
    }
  }

  private admit(client: SimulatedClient, gateway: SimulatedGateway): void {
    const { refusedSince } = client;
    if (refusedSince !== undefined) {
      this.refused -= 1;
      this.happened.longestWait = Math.max(this.happened.longestWait, this.now - refusedSince);
    }
    this.happened.admitted += 1;
    client.entered(gateway);
    gateway.clients.add(client);
    client.at = this.connected.push(client) - 1;
  }

  private refuse(client: SimulatedClient, atLeastMs: number): void {
    if (client.refusedSince === undefined) this.refused += 1;
    client.refusedSince ??= this.now;
    this.happened.refusals += 1;
    // Who has just come is not known to all: a look is five seconds apart from the next.
    const known = this.up.filter(({ readyAt }) => readyAt + beatEvery <= this.now);
    if (known.reduce((sum, { clients }) => sum + clients.size, 0) < 0.9 * capacity * known.length)
      this.happened.refusedBeforeFull += 1;
    this.later(client, client.wait(this.random, atLeastMs));
  }

  private leave(client: SimulatedClient): void {
    client.gateway?.clients.delete(client);
    client.gateway = undefined;
    const last = this.connected.pop()!;
    if (last === client) return;
    this.connected[client.at] = last;
    last.at = client.at;
  }

  private later(client: SimulatedClient, seconds: number): void {
    const at = this.now + Math.max(1, Math.ceil(seconds));
    const there = this.waiting.get(at);
    if (there === undefined) this.waiting.set(at, [client]);
    else there.push(client);
    this.waitingCount += 1;
  }

  private takeWaiting(): SimulatedClient[] {
    const due = this.waiting.get(this.now) ?? [];
    this.waiting.delete(this.now);
    this.waitingCount -= due.length;
    return due;
  }

  /** As SIGTERM does: tells the others, moves everybody to where a newcomer would be sent, closes who found nothing. */
  private drain(gateway: SimulatedGateway): void {
    gateway.state = 'draining';
    gateway.beat(this.registry);
    for (const client of gateway.clients) {
      const serverId = gateway.choose(gateway.region, this.random);
      const target = this.gateways.find((other) => other.serverId === serverId);
      this.leave(client);
      if (target?.state === 'up' && target.clients.size < capacity) {
        this.happened.moved += 1;
        client.entered(target);
        target.clients.add(client);
        client.at = this.connected.push(client) - 1;
      } else {
        this.happened.cutOff += 1;
        this.later(client, this.random() * spreadSeconds);
      }
    }
    this.forget(gateway);
  }

  private forget(gateway: SimulatedGateway): void {
    this.gateways = this.gateways.filter((other) => other !== gateway);
    this.registry.delete(gateway.serverId);
  }

  private autoscale(): void {
    // The sync after the scrape sees it: what the controller knows is up to fifteen seconds old.
    const seen = this.gateways.map(({ scraped }) => ({ connections: scraped }));
    this.scaleTo(this.autoscaler.sync(this.now, this.replicas, seen));
    for (const gateway of this.up) gateway.scraped = gateway.clients.size;
  }

  private scaleTo(replicas: number): void {
    for (let at = this.replicas; at < replicas; at++) this.start(startSeconds);
    for (let at = this.replicas; at > replicas; at--) {
      // Those who do not run go first, then the newest.
      const victim = this.gateways.find(({ state }) => state !== 'up') ?? this.gateways.at(-1)!;
      if (victim.state === 'up') this.drain(victim);
      else this.forget(victim);
    }
    this.replicas = replicas;
  }

  private replace(): void {
    for (const gateway of this.gateways.filter(({ replacedAt }) => replacedAt <= this.now)) {
      this.forget(gateway);
      this.start(startSeconds);
    }
  }

  private deployStep(): void {
    const [old] = this.deploying;
    if (old === undefined) return;
    if (!this.gateways.includes(old) || old.state !== 'up') {
      this.deploying.shift();
    } else if (this.gateways.length <= this.replicas) {
      this.start(startSeconds);
    } else if (this.gateways.every(({ state }) => state === 'up')) {
      this.deploying.shift();
      this.drain(old);
    }
  }
}
