import { dayEvents, secondsADay } from './day-plan.ts';
import type { Day, DaySample } from './simulate-day.ts';

const width = 960;
const left = 64;
const right = 16;
const panelHeight = 130;
const gap = 44;

interface Line {
  readonly says: string;
  readonly colour: string;
  readonly of: (sample: DaySample) => number;
  readonly steps?: boolean;
}

interface Panel {
  readonly title: string;
  readonly most: number;
  readonly lines: readonly Line[];
  readonly label?: (value: number) => string;
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const panelsOf = ({ samples }: Day): Panel[] => {
  const most = (of: (sample: DaySample) => number) => Math.max(1, ...samples.map(of));
  return [
    {
      title: 'Clients',
      most: most(({ capacity }) => capacity),
      lines: [
        { says: 'places of gateways that are ready', colour: '#9aa4b2', of: ({ capacity }) => capacity, steps: true },
        { says: 'connected', colour: '#0b6e4f', of: ({ connected }) => connected },
      ],
    },
    {
      title: 'Gateways',
      most: 20,
      lines: [
        { says: 'asked for by the autoscaler', colour: '#9aa4b2', of: ({ replicas }) => replicas, steps: true },
        { says: 'ready', colour: '#1f5fbf', of: ({ ready }) => ready, steps: true },
      ],
    },
    {
      title: 'Load of the emptiest and the fullest gateway',
      most: 1,
      label: percent,
      lines: [
        { says: 'fullest', colour: '#b4500a', of: ({ fullest }) => fullest },
        { says: 'emptiest', colour: '#1f5fbf', of: ({ emptiest }) => emptiest },
      ],
    },
    {
      title: 'Clients who were answered 503 and wait',
      most: most(({ refused }) => refused),
      lines: [{ says: 'refused', colour: '#b3261e', of: ({ refused }) => refused }],
    },
    {
      title: 'Clients moved, and cut off, in a minute',
      most: most(({ moved, cutOff }) => Math.max(moved, cutOff)),
      lines: [
        { says: 'moved, with no time away', colour: '#0b6e4f', of: ({ moved }) => moved },
        { says: 'cut off by a crash or a lost machine', colour: '#b3261e', of: ({ cutOff }) => cutOff },
      ],
    },
  ];
};

/** The day as a picture (SVG), a panel for each thing to look at, what happened marked across all of them. */
export function pictureOf(day: Day): string {
  const panels = panelsOf(day);
  const height = panels.length * (panelHeight + gap) + 24;
  const x = (at: number): number => left + ((width - left - right) * at) / secondsADay;
  const marks = dayEvents.map(
    ({ at, says }) =>
      `<line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${gap}" y2="${height - 24}" stroke="#d4a017" stroke-dasharray="2 3"><title>${says}</title></line>`,
  );
  const drawn = panels.map((panel, index) => panelSvg(day, panel, gap + index * (panelHeight + gap), x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="A simulated day">
<rect width="${width}" height="${height}" fill="#fff"/>
${marks.join('\n')}
${drawn.join('\n')}
</svg>
`;
}

function panelSvg(
  day: Day,
  { title, most, lines, label = String }: Panel,
  top: number,
  x: (at: number) => number,
): string {
  const y = (value: number): number => top + panelHeight * (1 - Math.min(1, value / most));
  const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24];
  const axis = hours.map(
    (hour) =>
      `<text x="${x(hour * 3600).toFixed(1)}" y="${top + panelHeight + 14}" text-anchor="middle" fill="#555">${hour}:00</text>`,
  );
  let legend = left + 8 * title.length + 24;
  const curves = lines.map(({ says, colour, of, steps }) => {
    const at = legend;
    legend += 7 * says.length + 24;
    return `<path d="${pathOf(day.samples, of, x, y, steps)}" fill="none" stroke="${colour}" stroke-width="1.4"/>
<text x="${at}" y="${top - 8}" fill="${colour}">${says}</text>`;
  });
  return `<text x="${left}" y="${top - 8}" font-weight="bold" fill="#111">${title}</text>
<rect x="${left}" y="${top}" width="${width - left - right}" height="${panelHeight}" fill="none" stroke="#ccc"/>
<text x="${left - 6}" y="${top + 10}" text-anchor="end" fill="#555">${label(most)}</text>
<text x="${left - 6}" y="${top + panelHeight}" text-anchor="end" fill="#555">${label(0)}</text>
${axis.join('')}
${curves.join('\n')}`;
}

/** Every second minute is enough for a picture, with the higher one of both. */
function pathOf(
  samples: readonly DaySample[],
  of: (sample: DaySample) => number,
  x: (at: number) => number,
  y: (value: number) => number,
  steps = false,
): string {
  let path = '';
  for (let index = 0; index + 1 < samples.length; index += 2) {
    const at = x(samples[index]!.at).toFixed(1);
    const value = y(Math.max(of(samples[index]!), of(samples[index + 1]!))).toFixed(1);
    if (path === '') path = `M${at} ${value}`;
    else path += steps ? `H${at}V${value}` : `L${at} ${value}`;
  }
  return path;
}
