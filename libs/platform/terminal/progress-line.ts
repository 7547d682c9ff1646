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
    if (this.terminal.isTTY === true) return this.draw(`${what} ${done === undefined ? '…' : barOf(done)}`);
    const step = done === undefined ? 0 : Math.floor(done / lineEvery);
    if (what === this.shown.what && step === this.shown.step) return;
    this.shown = { what, step };
    this.terminal.write(`${what}${done === undefined ? '' : ` ${percent(done)}`}\n`);
  }

  /** Draws a line over the one before; nothing without a terminal. */
  draw(line: string): void {
    if (this.terminal.isTTY !== true) return;
    this.terminal.write(`\r\x1b[K${line}`);
    this.isDrawn = true;
  }

  /** Takes the bar away, before anything else is written. */
  clear(): void {
    if (this.isDrawn) this.terminal.write('\r\x1b[K');
    this.isDrawn = false;
  }
}

/** `[######------------------------] 21 %` @param done 0…1 */
export function barOf(done: number): string {
  return `[${'#'.repeat(Math.floor(done * width)).padEnd(width, '-')}] ${percent(done)}`;
}

const percent = (done: number): string => `${Math.floor(done * 100)} %`;
