/** Wakes one waiter; a signal given while nobody waits is kept for the next. */
export class Signal {
  private given = false;
  private resume: (() => void) | undefined;

  give(): void {
    this.given = true;
    this.resume?.();
  }

  /** Resolves at the signal, or after so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.given) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.resume = resolve;
        if (Number.isFinite(milliseconds)) timer = setTimeout(resolve, milliseconds);
      });
      clearTimeout(timer);
      this.resume = undefined;
    }
    this.given = false;
  }
}
