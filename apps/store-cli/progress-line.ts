interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const width = 30;
/** Shares at which a log without a terminal gets a line. */
const lineEvery = 0.1;

/** How far something is: a bar that is drawn over itself on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  private shown = { what: '', step: -1 };
  private isDrawn = false;

  constructor(private readonly terminal: Terminal) {}

  /** @param done 0…1, or undefined where nobody knows */
  show(what: string, done: number | undefined): void {
    if (this.terminal.isTTY === true) {
      this.terminal.write(`\r\x1b[K${what} ${done === undefined ? '…' : barOf(done)}`);
      this.isDrawn = true;
      return;
    }
    const step = done === undefined ? 0 : Math.floor(done / lineEvery);
    if (what === this.shown.what && step === this.shown.step) return;
    this.shown = { what, step };
    this.terminal.write(`${what}${done === undefined ? '' : ` ${percent(done)}`}\n`);
  }

  /** Takes the bar away, before anything else is written. */
  clear(): void {
    if (this.isDrawn) this.terminal.write('\r\x1b[K');
    this.isDrawn = false;
  }
}

function barOf(done: number): string {
  const filled = Math.round(done * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${percent(done)}`;
}

const percent = (done: number): string => `${Math.round(done * 100)} %`;
