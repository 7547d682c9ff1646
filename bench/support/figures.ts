/** One measured number. `target` is what REQUIREMENTS asks; a ratio is `value / peerValue` of the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  /** Who was measured beside it, in the same run. */
  readonly peer?: string;
  readonly peerValue?: number;
  readonly ratio?: number;
}

/** What the command line said beside the scenario's name. */
export interface ScenarioOptions {
  readonly growth?: string | undefined;
  readonly events?: string | undefined;
  readonly engine?: string | undefined;
  readonly seconds?: string | undefined;
  readonly subscribers?: string | undefined;
  readonly rooms?: string | undefined;
  /** Deliveries a second. */
  readonly rate?: string | undefined;
  readonly batch?: string | undefined;
  readonly gateways?: string | undefined;
  readonly peers?: string | undefined;
  readonly profile?: string | undefined;
  readonly minutes?: string | undefined;
}

export interface Scenario {
  readonly name: string;
  /** What is measured, where the stamps are taken, what is left out. */
  readonly help: string;
  run(print: (line: string) => void, options: ScenarioOptions): Promise<Figure[]>;
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** A table that a person reads. */
export function tableOf(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map(({ name, value, unit, target, peer, peerValue, ratio }) => {
      const beside = peer === undefined ? '' : `  ${peer} ${shown(peerValue!)} (${ratio!.toFixed(2)} times)`;
      const aim = target === undefined ? '' : `  (target ${target})`;
      return `${name.padEnd(width)}  ${shown(value).padStart(10)} ${unit}${beside}${aim}`;
    })
    .join('\n');
}

const shown = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));

export const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
