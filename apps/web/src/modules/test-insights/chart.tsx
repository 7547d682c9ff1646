import type { TrendStep } from '@testcast/contracts';
import type { PointerEvent, ReactNode } from 'react';
import { labelled } from './chart-shapes.ts';
import { type Bucket, formatBucket } from './trend-figures.ts';
import styles from './trends.module.css';

interface ChartProps {
  readonly title: string;
  /** What it shows as a whole, for who does not see it. */
  readonly says: string;
  readonly top: string;
  readonly bottom: string;
  readonly height: number;
  readonly buckets: readonly Bucket[];
  readonly step: TrendStep;
  readonly picked: number;
  readonly onPick: (index: number) => void;
  readonly legend?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a chart. One unit across is a bucket, one down a pixel, whatever the width: nothing has to be measured. */
export function Chart({
  title,
  says,
  top,
  bottom,
  height,
  buckets,
  step,
  picked,
  onPick,
  legend,
  children,
}: ChartProps) {
  const count = buckets.length;
  const pick = ({ currentTarget, clientX }: PointerEvent): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    onPick(Math.max(0, Math.min(count - 1, Math.floor(((clientX - left) / width) * count))));
  };
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <h2>{title}</h2>
        {legend}
      </figcaption>
      <div className={styles.plot} style={{ height }} onPointerMove={pick} onPointerDown={pick}>
        <svg role="img" aria-label={says} viewBox={`0 0 ${count} ${height}`} preserveAspectRatio="none">
          <rect className={styles.picked} x={picked} y={0} width={1} height={height} />
          {children}
        </svg>
        <span className={styles.top} aria-hidden="true">
          {top}
        </span>
        <span className={styles.bottom} aria-hidden="true">
          {bottom}
        </span>
      </div>
      <div className={styles.axis} aria-hidden="true">
        {labelled(count, 6).map((index) => (
          <span key={index} style={{ left: `${(100 * (index + 0.5)) / count}%` }}>
            {formatBucket(buckets[index]!.at, step)}
          </span>
        ))}
      </div>
    </figure>
  );
}
