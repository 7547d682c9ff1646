/** One measured number. `target` is what REQUIREMENTS asks; a ratio is `value / peerValue` of the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
}

export interface Scenario {
  readonly name: string;
  /** What is measured, where the stamps are taken, what is left out. */
  readonly help: string;
  run(print: (line: string) => void): Promise<Figure[]>;
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** A table that a person reads. */
export function tableOf(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map(({ name, value, unit, target }) => {
      const shown = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
      return `${name.padEnd(width)}  ${shown.padStart(10)} ${unit}${target === undefined ? '' : `  (target ${target})`}`;
    })
    .join('\n');
}
