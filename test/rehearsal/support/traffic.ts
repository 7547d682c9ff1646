/** Results of one run, posted five at a time and again until they are taken, as a reporter does. */
export class Traffic {
  private goesOn = true;
  private readonly ended: Promise<void>;
  /** Results that were acknowledged. */
  acknowledged = 0;

  constructor(private readonly options: { url: string; token: string; path: string; everyMs: number }) {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.goesOn = false;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (this.goesOn) {
      const at = Date.now();
      const items = Array.from({ length: 5 }, (_, index) => {
        const name = `t${this.acknowledged + index}`;
        return {
          kind: 'test.finished',
          at,
          testId: name,
          title: name,
          suite: [],
          attempt: 1,
          status: 'passed',
          durationMs: 1,
        };
      });
      while (!(await this.taken(items))) await new Promise((resolve) => setTimeout(resolve, 200));
      this.acknowledged += items.length;
      await new Promise((resolve) => setTimeout(resolve, this.options.everyMs));
    }
  }

  private async taken(items: readonly object[]): Promise<boolean> {
    try {
      const response = await fetch(`${this.options.url}${this.options.path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.options.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(items),
        signal: AbortSignal.timeout(10_000),
      });
      return response.ok;
    } catch {
      return false;
    }
  }
}
