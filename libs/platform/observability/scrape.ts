import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, register } from 'prom-client';

/** The metrics of one process, as they travel to the one that speaks for it. */
export type ProcessMetrics = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Metrics of other processes that this one speaks for; those that do not answer are left out. */
export type OtherMetrics = () => Promise<readonly ProcessMetrics[]>;

/** What `GET /metrics` shows. */
export class Scrape {
  private readonly refreshers: (() => void)[] = [];

  constructor(private readonly others?: OtherMetrics | undefined) {}

  /** For figures that are kept elsewhere and copied into a metric: called before each answer; it must not throw. */
  onScrape(refresh: () => void): void {
    this.refreshers.push(refresh);
  }

  get contentType(): string {
    return register.contentType;
  }

  /** In the Prometheus text format. Where it speaks for others, counters and histograms of one name are summed. */
  async page(): Promise<string> {
    if (this.others === undefined) {
      this.refresh();
      return register.metrics();
    }
    const [own, others] = await Promise.all([this.own(), this.others()]);
    return AggregatorRegistry.aggregate([own, ...others]).metrics();
  }

  async own(): Promise<ProcessMetrics> {
    this.refresh();
    return register.getMetricsAsJSON();
  }

  private refresh(): void {
    for (const refresh of this.refreshers) refresh();
  }
}
