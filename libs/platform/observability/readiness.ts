/** Throws, or rejects, with what is missing; the message is shown to whoever asks, so it holds no secret. */
export type ReadinessCheck = () => void | Promise<void>;

export interface ReadinessReport {
  readonly ready: boolean;
  /** name → `ok` or what is missing */
  readonly checks: Readonly<Record<string, string>>;
}

/** What must hold before this process is given work. Parts register their checks at start. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  /** @param timeoutMs a check that takes longer counts as failed, so that a hanging database cannot hang the probe too */
  constructor(private readonly timeoutMs = 2_000) {}

  /** Throws when the name is taken: a check that replaced another in silence would hide its failure. */
  add(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new Error(`two readiness checks are named "${name}"`);
    this.checks.set(name, check);
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.run(check)] as const),
    );
    return { ready: entries.every(([, answer]) => answer === 'ok'), checks: Object.fromEntries(entries) };
  }

  private async run(check: ReadinessCheck): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.timeoutMs} ms`)), this.timeoutMs);
    });
    try {
      await Promise.race([Promise.resolve().then(check), timeout]);
      return 'ok';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
