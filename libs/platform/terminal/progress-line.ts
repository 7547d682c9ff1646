interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const width = 30;
/** A log without a terminal gets so many. */
const lines = 10;

/** How far something is: a bar that is drawn over itself on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  private shown = { what: '', step: -1 };
  private isDrawn = false;

  constructor(private readonly terminal: Terminal) {}

  /** @param done 0…1, or undefined where nobody knows */
  show(what: string, done: number | undefined): void {
    if (this.terminal.isTTY === true) return this.draw(`${what} ${done === undefined ? '…' : barOf(done)}`);
    this.note(`${what}${done === undefined ? '' : ` ${percent(done)}`}`, what, done);
  }

  /** Draws a line that says itself how far `what` is; elsewhere a line now and then. */
  trace(line: string, what: string, done: number): void {
    if (this.terminal.isTTY === true) this.draw(line);
    else this.note(line, what, done);
  }

  /** Takes the bar away, before anything else is written. */
  clear(): void {
    if (this.isDrawn) this.terminal.write('\r\x1b[K');
    this.isDrawn = false;
  }

  private draw(line: string): void {
    this.terminal.write(`\r\x1b[K${line}`);
    this.isDrawn = true;
  }

  private note(line: string, what: string, done: number | undefined): void {
    const step = done === undefined ? 0 : Math.floor(done * lines);
    if (what === this.shown.what && step === this.shown.step) return;
    this.shown = { what, step };
    this.terminal.write(`${line}\n`);
  }
}

/** `[######------------------------] 21 %` @param done 0…1 */
export function barOf(done: number): string {
  return `[${'#'.repeat(Math.floor(done * width)).padEnd(width, '-')}] ${percent(done)}`;
}

const percent = (done: number): string => `${Math.floor(done * 100)} %`;
