const longest = 1e12;

/**
 * Seconds as tools write them, in milliseconds: "0.5", "1e-05", "1,234.5", "1.234,5", "0,5", ".5", "12s". A single comma
 * is a decimal one; what is grouped has two separators or several groups. Undefined when it is not a duration.
 */
export function parseSeconds(text: string): number | undefined {
  const number = parseNumber(text.trim().replace(/\s*s(?:ec(?:onds?)?)?$/i, ''));
  if (number === undefined || number < 0) return undefined;
  return Math.min(number * 1000, longest);
}

function parseNumber(text: string): number | undefined {
  const compact = text.replace(/[\s\u00a0\u202f'’]/g, '');
  const comma = compact.lastIndexOf(',');
  const point = compact.lastIndexOf('.');
  const plain =
    comma > point && compact.indexOf(',') === comma
      ? compact.replaceAll('.', '').replace(',', '.')
      : point > comma && compact.indexOf('.') === point
        ? compact.replaceAll(',', '')
        : compact.replaceAll(/[.,](?=\d{3}(?:[.,]|$))/g, '');
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

const iso = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*(Z|[-+]\d{2}:?\d{2})?$/i;
// 2001-09-09; tools that have no time write 1970, 0001 or 1601.
const earliest = 1e12;

/** An ISO 8601 time, in epoch milliseconds. Without a zone it is taken for UTC: the server's own zone says nothing about the tool's. */
export function parseTimestamp(text: string): number | undefined {
  const parts = iso.exec(text.trim());
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '0', zone = 'Z'] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zoneOf(zone)}`);
  return plausible(at + Math.trunc(Number(`0.${fraction}`) * 1000));
}

function zoneOf(zone: string): string {
  return /^z$/i.test(zone) ? 'Z' : zone.replace(/^([-+]\d{2}):?(\d{2})$/, '$1:$2');
}

/** An epoch time in seconds, milliseconds, microseconds or nanoseconds, told apart by their size, in milliseconds. */
export function epochMs(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value < 1e17 ? value / 1000 : value / 1e6;
  return plausible(Math.round(ms));
}

function plausible(at: number): number | undefined {
  return Number.isNaN(at) || at < earliest || at > 8.64e15 ? undefined : at;
}
