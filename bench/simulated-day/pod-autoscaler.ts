/** How the number of pods follows the connections; seconds and shares as in the `behavior` of an autoscaling/v2 object. */
export interface AutoscalingPolicy {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Average of connections a pod that is aimed at. */
  readonly targetConnections: number;
  readonly up: ScalingRule;
  readonly down: ScalingRule;
}

interface ScalingRule {
  readonly windowSeconds: number;
  /** 0.5: by half of what there was `periodSeconds` ago. */
  readonly share: number;
  readonly periodSeconds: number;
}

/** What is required of the product's autoscaler. */
export const requiredPolicy: AutoscalingPolicy = {
  minReplicas: 4,
  maxReplicas: 20,
  targetConnections: 2000,
  up: { windowSeconds: 60, share: 0.5, periodSeconds: 60 },
  down: { windowSeconds: 300, share: 0.25, periodSeconds: 300 },
};

/** A pod that is not going, as the controller sees it: its connections at the last scrape, undefined while it has told none. */
export interface SeenPod {
  readonly connections: number | undefined;
}

interface Dated {
  readonly at: number;
  readonly value: number;
}

/** By which what is used may differ from what is aimed at before anything is done: the controller's default. */
const tolerance = 0.1;

/**
 * The horizontal pod autoscaler for one metric of pods, step by step as the controller of Kubernetes 1.36 does it
 * (`pkg/controller/podautoscaler`: calcPlainMetricReplicas, stabilizeRecommendationWithBehaviors and
 * convertDesiredReplicasWithBehaviorRate). Times are seconds.
 */
export class PodAutoscaler {
  private recommended: Dated[] = [];
  private added: Dated[] = [];
  private removed: Dated[] = [];
  /** May be raised for a while by who answers alerts. */
  minReplicas: number;

  constructor(private readonly policy: AutoscalingPolicy = requiredPolicy) {
    this.minReplicas = policy.minReplicas;
  }

  /** One look, every 15 seconds. @returns how many pods there are to be from now on */
  sync(now: number, replicas: number, pods: readonly SeenPod[]): number {
    const { maxReplicas } = this.policy;
    // Outside of its bounds it does not ask what is used.
    if (replicas > maxReplicas || replicas < this.minReplicas) {
      return this.changed(now, replicas, Math.min(maxReplicas, Math.max(this.minReplicas, replicas)));
    }
    const stable = this.stabilised(now, replicas, wantedReplicas(replicas, pods, this.policy.targetConnections));
    return this.changed(now, replicas, this.limited(now, replicas, stable));
  }

  /** Nothing that was not wanted all through the window: less up, and more down, wins. */
  private stabilised(now: number, replicas: number, wanted: number): number {
    const { up, down } = this.policy;
    const since = (seconds: number) =>
      this.recommended.filter(({ at }) => at > now - seconds).map(({ value }) => value);
    const lowest = Math.min(wanted, ...since(up.windowSeconds));
    const highest = Math.max(wanted, ...since(down.windowSeconds));
    const longest = now - Math.max(up.windowSeconds, down.windowSeconds);
    this.recommended = [...this.recommended.filter(({ at }) => at > longest), { at: now, value: wanted }];
    return Math.min(Math.max(replicas, lowest), highest);
  }

  private limited(now: number, replicas: number, wanted: number): number {
    const { up, down, maxReplicas } = this.policy;
    if (wanted > replicas) {
      const most = Math.max(replicas, Math.ceil(this.before(now, replicas, up.periodSeconds) * (1 + up.share)));
      return Math.min(wanted, maxReplicas, most);
    }
    if (wanted < replicas) {
      const least = Math.min(replicas, Math.trunc(this.before(now, replicas, down.periodSeconds) * (1 - down.share)));
      return Math.max(wanted, this.minReplicas, least);
    }
    return wanted;
  }

  /** How many there were a period ago, by what it has done itself since. */
  private before(now: number, replicas: number, seconds: number): number {
    const sum = (events: readonly Dated[]) =>
      events.filter(({ at }) => at > now - seconds).reduce((total, { value }) => total + value, 0);
    return replicas - sum(this.added) + sum(this.removed);
  }

  private changed(now: number, from: number, to: number): number {
    const recent = (events: readonly Dated[]) => events.filter(({ at }) => at > now - 3600);
    if (to > from) this.added = [...recent(this.added), { at: now, value: to - from }];
    if (to < from) this.removed = [...recent(this.removed), { at: now, value: from - to }];
    return to;
  }
}

/** What the metric alone asks for; pods that tell nothing count for whatever changes less. */
function wantedReplicas(replicas: number, pods: readonly SeenPod[], target: number): number {
  const told = pods.flatMap(({ connections }) => (connections === undefined ? [] : [connections]));
  const silent = pods.length - told.length;
  if (told.length === 0) return replicas;
  const sum = told.reduce((total, connections) => total + connections, 0);
  const ratio = sum / (told.length * target);
  if (silent === 0) return near(ratio) ? replicas : Math.ceil(ratio * told.length);
  const withSilent = ratio < 1 ? sum + silent * target : sum;
  const newRatio = withSilent / (pods.length * target);
  if (near(newRatio) || (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1)) return replicas;
  const wanted = Math.ceil(newRatio * pods.length);
  return (newRatio < 1 && wanted > replicas) || (newRatio > 1 && wanted < replicas) ? replicas : wanted;
}

function near(ratio: number): boolean {
  return Math.abs(1 - ratio) <= tolerance;
}
