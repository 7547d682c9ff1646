const grouped = new Intl.NumberFormat('en');

export function formatCount(value: number): string {
  return grouped.format(value);
}

/** `1 test`, `1,204 tests`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
