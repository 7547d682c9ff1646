export interface Moment {
  /** Since the first of them. */
  readonly seconds: number;
  /** Pods that the autoscaler wants, and that serve. */
  readonly replicas: number;
  readonly ready: number;
  /** Who watches, and of those who is shown every event as it comes. */
  readonly clients: number;
  readonly live: number;
  /** Upgrades that gateways refused so far, and times that a client was cut off, missed or repeated an event so far. */
  readonly refused: number;
  readonly missed: number;
}

const columns = ['seconds', 'replicas', 'ready', 'clients', 'live', 'refused', 'missed'] as const;

/** A table in Markdown. */
export function tableOf(moments: readonly Moment[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '--:')),
    ...moments.map((moment) => line(columns.map((column) => moment[column]))),
  ].join('\n');
}

const [width, height, margin] = [760, 300, 45];

/** Clients and gateways over time, each with a scale of its own; no font or colour that a viewer must have. */
export function pictureOf(moments: readonly Moment[], { capacity }: { readonly capacity: number }): string {
  const last = Math.max(1, moments.at(-1)?.seconds ?? 1);
  const most = Math.max(...moments.map(({ ready, clients }) => Math.max(ready, clients / capacity)), 1) * 1.1;
  const x = (seconds: number) => margin + (seconds / last) * (width - 2 * margin);
  const y = (pods: number) => height - margin - (pods / most) * (height - 2 * margin);
  const steps = (value: (moment: Moment) => number) =>
    moments
      .map((moment, index) => {
        const [at, level] = [x(moment.seconds).toFixed(1), y(value(moment)).toFixed(1)];
        return index === 0 ? `M${at} ${level}` : `H${at}V${level}`;
      })
      .join('');
  const line = (path: string, colour: string, dashes = '') =>
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes && ` stroke-dasharray="${dashes}"`}/>`;
  const text = (at: number, level: number, words: string, more = '') =>
    `<text x="${at.toFixed(1)}" y="${level.toFixed(1)}"${more}>${words}</text>`;
  const pods = Array.from({ length: Math.floor(most) + 1 }, (_, count) => count);
  const times = Array.from({ length: Math.floor(last / 60) + 1 }, (_, minute) => minute * 60);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>Gateways and clients of the rehearsal</title>
<rect width="100%" height="100%" fill="#fff"/>
${pods.map((count) => `<path d="M${margin} ${y(count).toFixed(1)}H${width - margin}" stroke="#ddd"/>${text(margin - 8, y(count) + 4, String(count), ' text-anchor="end"')}${text(width - margin + 8, y(count) + 4, String(count * capacity))}`).join('\n')}
${times.map((seconds) => text(x(seconds), height - margin + 18, `${seconds} s`, ' text-anchor="middle"')).join('\n')}
${line(
  steps(({ clients }) => clients / capacity),
  '#1d4ed8',
)}
${line(
  steps(({ replicas }) => replicas),
  '#b45309',
  '5 4',
)}
${line(
  steps(({ ready }) => ready),
  '#15803d',
)}
${text(margin, 18, 'gateways ready', ' fill="#15803d"')}${text(margin + 120, 18, 'gateways wanted (dashed)', ' fill="#b45309"')}${text(width - margin, 18, `clients (right; ${capacity} are what a gateway takes)`, ' fill="#1d4ed8" text-anchor="end"')}
</svg>
`;
}
