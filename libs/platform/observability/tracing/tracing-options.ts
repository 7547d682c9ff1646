export interface TracingOptions {
  /** Where spans go: the whole URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly serviceName: string;
  /** Name of this process among those of the service. */
  readonly instance: string;
  /** Share of results that are traced, 0 to 1; the same in every process, which is why it is nowhere sent along. */
  readonly ratio: number;
}
