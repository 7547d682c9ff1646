import { highestLoad, type PartitionStatistics } from '#platform/event-store';

/** A table that a person reads. */
export function partitionTable(partitions: readonly PartitionStatistics[]): string {
  const head = ['partition', 'slots', 'rows', 'size', 'appends/s', 'load', ''];
  const lines = partitions.map(({ partition, slots, leaving, rows, bytes, appendsPerSecond, load }) => [
    String(partition),
    String(slots.length),
    rows.toLocaleString('en'),
    sizeOf(bytes),
    appendsPerSecond.toFixed(appendsPerSecond < 10 ? 1 : 0),
    load.toFixed(2),
    [load > highestLoad ? 'over' : '', leaving.length > 0 ? `${leaving.length} slots are leaving` : '']
      .filter(Boolean)
      .join(', '),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]!.length), title.length),
  );
  return [head, ...lines]
    .map((line) =>
      line
        .map((text, column) => (column === 6 ? text : text.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1024 ** unit;
  return `${value.toFixed(value < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}
