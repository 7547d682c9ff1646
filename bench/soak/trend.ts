export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  /** Of the line of least squares: what `y` rises by for each 1 of `x`. */
  readonly slope: number;
  /** What the line rises by from the first point to the last. */
  readonly rise: number;
  /** Standard deviation of the points from the line. */
  readonly scatter: number;
  readonly flat: boolean;
}

/** A rise below this share of the mean is none, however calm the points are. */
const noShare = 0.02;

/**
 * Flat when the line of least squares rises, over all the points, by less than twice what the points scatter about it, or by less
 * than 2 % of their mean. A fall is flat.
 */
export function trendOf(points: readonly Point[]): Trend {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  let [together, spread] = [0, 0];
  for (const point of points) {
    together += (point.x - x) * (point.y - y);
    spread += (point.x - x) ** 2;
  }
  const slope = spread === 0 ? 0 : together / spread;
  const scatter = Math.sqrt(mean(points.map((point) => (point.y - y - slope * (point.x - x)) ** 2)));
  const rise = slope * ((points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0));
  return { slope, rise, scatter, flat: rise < Math.max(2 * scatter, noShare * y) };
}
