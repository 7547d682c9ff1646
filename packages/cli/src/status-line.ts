/** Where the CLI writes; `columns` only on a terminal. */
export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export const nowhere: Terminal = { write: () => undefined };

/** One line of a terminal that is drawn over and over, and lines that stay; elsewhere only those that stay. */
export class StatusLine {
  private readonly terminal: Terminal;
  private drawn = false;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  get isDrawable(): boolean {
    return this.terminal.isTTY === true;
  }

  draw(text: string): void {
    if (!this.isDrawable) return;
    this.drawn = true;
    this.terminal.write(`\r\u001b[2K${text.slice(0, (this.terminal.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.drawn) this.terminal.write('\r\u001b[2K');
    this.drawn = false;
  }

  print(text: string): void {
    this.clear();
    this.terminal.write(`${text}\n`);
  }
}
