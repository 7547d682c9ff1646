import type { TrendStep } from '@testcast/contracts';
import { formatCount, plural } from '../../format/count.ts';
import { type Bucket, formatBucket, formatMaybeDuration, formatShare } from './trend-figures.ts';
import styles from './trends.module.css';

/** The same in figures, the newest first; what had no results is not listed. */
export function TrendTable({ buckets, step }: { buckets: readonly Bucket[]; step: TrendStep }) {
  const rows = buckets.filter(({ results }) => results > 0).reverse();
  const empty = buckets.length - rows.length;
  return (
    <section className={styles.table} aria-labelledby="in-figures">
      <h2 id="in-figures">In figures</h2>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={`Table of results by ${step}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{step === 'day' ? 'Day (UTC)' : 'Hour'}</th>
              <th scope="col">Results</th>
              <th scope="col">Pass rate</th>
              <th scope="col">Passed</th>
              <th scope="col">Failed</th>
              <th scope="col">Flaky</th>
              <th scope="col">Skipped</th>
              <th scope="col">Half took</th>
              <th scope="col">95 % took</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((bucket) => (
              <tr key={bucket.at} data-bucket={bucket.at}>
                <th scope="row">{formatBucket(bucket.at, step)}</th>
                <td>{formatCount(bucket.results)}</td>
                <td>{formatShare(bucket.passRate)}</td>
                <td>{formatCount(bucket.passed)}</td>
                <td data-outcome={bucket.failed > 0 ? 'failed' : undefined}>{formatCount(bucket.failed)}</td>
                <td data-outcome={bucket.flaky > 0 ? 'flaky' : undefined}>{formatCount(bucket.flaky)}</td>
                <td>{formatCount(bucket.skipped)}</td>
                <td>{formatMaybeDuration(bucket.p50Ms)}</td>
                <td>{formatMaybeDuration(bucket.p95Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {empty > 0 && <p className={styles.about}>{plural(empty, step)} without results left out.</p>}
    </section>
  );
}
