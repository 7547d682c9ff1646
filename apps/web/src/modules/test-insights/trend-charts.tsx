import type { TrendStep } from '@testcast/contracts';
import { formatCount, plural } from '../../format/count.ts';
import { looks } from '../../ui/mark.tsx';
import { Chart } from './chart.tsx';
import { lineOf, lowestShare, pointsOf, stackOf } from './chart-shapes.ts';
import { type Bucket, formatMaybeDuration, formatShare, sumOf, trendOutcomes } from './trend-figures.ts';
import styles from './trends.module.css';

interface TrendCharts {
  readonly buckets: readonly Bucket[];
  readonly step: TrendStep;
  /** Index of the bucket that the reader looks at. */
  readonly picked: number;
  readonly onPick: (index: number) => void;
}

const barsHeight = 160;
const linesHeight = 96;

/** Results, pass rate and durations over the same time, one below the other. */
export function TrendCharts(props: TrendCharts) {
  return (
    <>
      <Results {...props} />
      <PassRate {...props} />
      <Durations {...props} />
    </>
  );
}

function Results({ buckets, ...frame }: TrendCharts) {
  const most = Math.max(1, ...buckets.map(({ results }) => results));
  const { results, failed, flaky } = sumOf(buckets);
  return (
    <Chart
      {...frame}
      title={`Results by ${frame.step}`}
      says={`Bars of ${plural(results, 'result')}, ${formatCount(failed)} failed and ${formatCount(flaky)} flaky; the most at once ${formatCount(most)}`}
      top={formatCount(most)}
      bottom="0"
      height={barsHeight}
      buckets={buckets}
      legend={
        <ul className={styles.legend}>
          {trendOutcomes.map((outcome) => (
            <li key={outcome}>
              <span className={styles.swatch} data-outcome={outcome} aria-hidden="true" />
              {looks[outcome].icon} {outcome}
            </li>
          ))}
        </ul>
      }
    >
      {buckets.flatMap((bucket, index) =>
        stackOf(bucket, most, barsHeight).map(({ outcome, y, height }) => (
          <rect
            key={`${bucket.at}-${outcome}`}
            data-outcome={outcome}
            x={index + 0.1}
            y={y}
            width={0.8}
            height={height}
          />
        )),
      )}
    </Chart>
  );
}

function PassRate({ buckets, ...frame }: TrendCharts) {
  const shares = buckets.map(({ passRate }) => passRate);
  const low = lowestShare(shares);
  const known = shares.filter((share) => share !== undefined);
  return (
    <Chart
      {...frame}
      title="Pass rate"
      says={`Line of the pass rate, from ${formatShare(Math.min(...known))} to ${formatShare(Math.max(...known))}`}
      top="100 %"
      bottom={`${Math.round(low * 100)} %`}
      height={linesHeight}
      buckets={buckets}
      legend={<span className={styles.about}>of the tests that ran; flaky ones passed in the end</span>}
    >
      <Line name="passRate" values={shares} low={low} high={1} />
    </Chart>
  );
}

function Durations({ buckets, ...frame }: TrendCharts) {
  const high = Math.max(1, ...buckets.map(({ p95Ms }) => p95Ms ?? 0));
  return (
    <Chart
      {...frame}
      title="Duration of a test"
      says={`Lines of the durations within which 50 and 95 percent of the tests stay; at most ${formatMaybeDuration(high)}`}
      top={formatMaybeDuration(high)}
      bottom="0"
      height={linesHeight}
      buckets={buckets}
      legend={
        <ul className={styles.legend}>
          <li>
            <span className={styles.stroke} data-line="p95" aria-hidden="true" /> 95 % took at most
          </li>
          <li>
            <span className={styles.stroke} data-line="p50" aria-hidden="true" /> half took at most
          </li>
        </ul>
      }
    >
      <Line name="p95" values={buckets.map(({ p95Ms }) => p95Ms)} low={0} high={high} />
      <Line name="p50" values={buckets.map(({ p50Ms }) => p50Ms)} low={0} high={high} />
    </Chart>
  );
}

function Line({
  name,
  values,
  low,
  high,
}: {
  name: 'passRate' | 'p50' | 'p95';
  values: readonly (number | undefined)[];
  low: number;
  high: number;
}) {
  const scale = { low, high, height: linesHeight };
  return (
    <>
      <path className={styles.line} data-line={name} d={lineOf(values, scale)} />
      <path className={styles.points} data-line={name} d={pointsOf(values, scale)} />
    </>
  );
}
