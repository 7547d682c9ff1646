import type { ClusterPartitions, ClusterProjections } from '@testcast/contracts';
import { formatCount } from '../../format/count.ts';
import styles from './cluster-page.module.css';

interface Figure {
  readonly name: string;
  readonly value: number;
  /** Why a value above 0 wants somebody's eye. */
  readonly trouble?: string | undefined;
}

/** The log and its read models in a few figures; what is wrong says so in words. */
export function LogFigures({
  partitions,
  projections,
}: {
  partitions: ClusterPartitions | undefined;
  projections: ClusterProjections | undefined;
}) {
  if (partitions === undefined || projections === undefined) {
    return (
      <p className={styles.about} role="status">
        The database does not answer this server: the log is not known at the moment.
      </p>
    );
  }
  const figures: Figure[] = [
    { name: 'Events in the log', value: partitions.events },
    { name: 'Partitions', value: partitions.partitions },
    { name: 'Slots of the fullest', value: partitions.mostSlots },
    { name: 'Slots on the move', value: partitions.movingSlots },
    { name: 'Projections', value: projections.projections },
    { name: 'Events behind', value: projections.lag },
    { name: 'Being rebuilt', value: projections.builds },
    { name: 'Streams set aside', value: projections.parked, trouble: 'events that a projection cannot apply' },
  ];
  return (
    <dl className={styles.figures}>
      {figures.map(({ name, value, trouble }) => (
        <div key={name} data-trouble={trouble !== undefined && value > 0}>
          <dt>{name}</dt>
          <dd>
            {formatCount(value)}
            {trouble !== undefined && value > 0 && <span className={styles.problem}>{trouble}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
